import java.nio.file.*;
import java.util.*;
import java.util.regex.*;
import org.apache.flink.table.api.*;

/**
 * Runs statements of Flink SQL in one virtual machine and waits for the jobs they start.
 * The file holds one statement after the other, separated by U+001E.
 */
public class FlinkRunner {
  private static final Pattern SET = Pattern.compile("(?is)SET\\s+'((?:[^']|'')+)'\\s*=\\s*'((?:[^']|'')*)'");

  public static void main(String[] args) throws Exception {
    TableEnvironment env = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    List<TableResult> jobs = new ArrayList<>();
    for (String statement : Files.readString(Path.of(args[0])).split("\u001e")) {
      try {
        run(env, statement, jobs);
      } catch (Exception e) {
        System.err.println("FAILED: " + statement);
        throw e;
      }
    }
    for (TableResult job : jobs) job.await();
    System.exit(0); // Flink leaves threads behind
  }

  private static void run(TableEnvironment env, String statement, List<TableResult> jobs) {
    Matcher set = SET.matcher(statement.strip());
    if (set.matches()) {
      env.getConfig().set(set.group(1).replace("''", "'"), set.group(2).replace("''", "'"));
      return;
    }
    TableResult result = env.executeSql(statement);
    if (result.getJobClient().isPresent()) jobs.add(result);
  }
}
