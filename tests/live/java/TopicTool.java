import java.io.*;
import java.lang.reflect.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.kafka.common.utils.Exit;

/**
 * Kafka's own TopicCommand behind a socket, so that a script of forty `kafka-topics.sh` calls
 * costs one virtual machine instead of forty. One connection is one call: the number of
 * arguments, then each argument in base64 on its own line; the answer is what the command
 * printed and, on the last line, its exit code.
 */
public class TopicTool {
  /** Thrown where the command would have ended the virtual machine. */
  static final class Ended extends RuntimeException {
    final int code;
    Ended(int code, String message) { super(message); this.code = code; }
  }

  public static void main(String[] args) throws Exception {
    Exit.setExitProcedure((code, message) -> { throw new Ended(code, message); });
    Method run = Class.forName("org.apache.kafka.tools.TopicCommand").getDeclaredMethod("execute", String[].class);
    run.setAccessible(true);
    try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 50, InetAddress.getByName("127.0.0.1"))) {
      while (true) {
        try (Socket caller = server.accept()) {
          answer(caller, run);
        } catch (IOException e) {
          System.err.println("caller went away: " + e);
        }
      }
    }
  }

  static void answer(Socket caller, Method run) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(caller.getInputStream(), StandardCharsets.US_ASCII));
    String count = in.readLine();
    if (count == null) return; // somebody only looked whether the port is open
    String[] words = new String[Integer.parseInt(count)];
    for (int i = 0; i < words.length; i++) {
      words[i] = new String(Base64.getDecoder().decode(in.readLine()), StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    int code = call(run, words, new PrintStream(printed, true, StandardCharsets.UTF_8));
    printed.write(("\n" + code + "\n").getBytes(StandardCharsets.US_ASCII));
    caller.getOutputStream().write(printed.toByteArray());
    System.err.println(code + " " + String.join(" ", words));
  }

  static int call(Method run, String[] words, PrintStream to) {
    PrintStream out = System.out, err = System.err;
    System.setOut(to);
    System.setErr(to);
    try {
      run.invoke(null, (Object) words);
      return 0;
    } catch (InvocationTargetException e) {
      Throwable why = e.getCause();
      to.println(why.getMessage());
      return why instanceof Ended ended ? ended.code : 1;
    } catch (ReflectiveOperationException e) {
      to.println(e);
      return 1;
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }
}
