import java.nio.file.*;
import java.util.*;
import org.apache.zeppelin.notebook.*;

/**
 * Loads notes through Zeppelin's own reader and prints one line a paragraph: file, paragraph id,
 * interpreter, length of the script; separated by tabs. Zeppelin forgives much, so what it would
 * forgive is an error here: ids that differ from the file name, are missing or come twice.
 */
public class NoteCheck {
  public static void main(String[] files) throws Exception {
    int bad = 0;
    for (String file : files) {
      try {
        check(Path.of(file));
      } catch (Exception e) {
        bad++;
        System.err.println(file + ": " + e);
      }
    }
    System.exit(bad == 0 ? 0 : 1);
  }

  private static void check(Path file) throws Exception {
    String name = file.getFileName().toString();
    int underscore = name.lastIndexOf('_');
    if (!name.endsWith(".zpln") || underscore <= 0) throw new IllegalArgumentException("a note is called NAME_ID.zpln");
    String id = name.substring(underscore + 1, name.length() - ".zpln".length());
    Note note = Note.fromJson(id, Files.readString(file));
    if (!id.equals(note.getId())) throw new IllegalArgumentException("id " + note.getId() + " in a file named " + id);
    Set<String> seen = new HashSet<>();
    for (Paragraph paragraph : note.getParagraphs()) {
      if (paragraph.getId() == null || !seen.add(paragraph.getId())) {
        throw new IllegalArgumentException("paragraph id missing or repeated: " + paragraph.getId());
      }
      if (paragraph.getText() == null) throw new IllegalArgumentException("paragraph without text: " + paragraph.getId());
      paragraph.parseText();
      System.out.println(String.join("\t", file.toString(), paragraph.getId(), paragraph.getIntpText(),
          String.valueOf(paragraph.getScriptText().length())));
    }
  }
}
