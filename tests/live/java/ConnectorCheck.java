import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.debezium.config.Configuration;
import io.debezium.config.Field;
import io.debezium.storage.kafka.history.KafkaSchemaHistory;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.*;
import org.apache.kafka.common.config.provider.*;
import org.apache.kafka.connect.connector.Connector;
import org.apache.kafka.connect.runtime.SourceConnectorConfig;

/**
 * Asks a Debezium connector what it thinks of configurations, without worker, broker or
 * database, and looks for what the connector itself would not notice: keys that nobody reads,
 * placeholders that stay as they are, a schema history that lacks settings, a second task.
 *
 * One line a finding: file, kind (error, unknown, unresolved, connection), key, text; separated
 * by tabs. Kind "connection" alone means: all is well, there is only no database.
 */
public class ConnectorCheck {
  /** Families of keys whose members depend on other settings or are handed on. */
  private static final Pattern HANDED_ON = Pattern.compile(
      "driver\\..+"
          + "|(signal|schema\\.history\\.internal)\\.(producer|consumer)\\..+"
          + "|(producer|consumer|admin)\\.override\\..+"
          + "|(key|value|header)\\.converter\\..+"
          + "|topic\\.creation\\..+"
          + "|column\\.(mask\\.with\\.\\d+\\.chars|truncate\\.to\\.\\d+\\.chars)"
          + "|log\\.mining\\.buffer\\.(ehcache|infinispan)\\..+");

  /** Classes whose Field constants are keys that the connector reads but does not declare. */
  private static final List<String> UNDECLARED = List.of(
      "io.debezium.storage.kafka.history.KafkaSchemaHistory",
      "io.debezium.relational.history.SchemaHistory",
      "io.debezium.schema.AbstractTopicNamingStrategy",
      "io.debezium.pipeline.signal.channels.KafkaSignalChannel");

  /** Settings that take one of a list of words, which the connector does not check by itself. */
  private static final Map<String, String> WORDS = Map.of(
      "log.mining.strategy", "LogMiningStrategy",
      "log.mining.query.filter.mode", "LogMiningQueryFilterMode",
      "log.mining.buffer.type", "LogMiningBufferType");

  private final String file;

  private ConnectorCheck(String file) {
    this.file = file;
  }

  public static void main(String[] files) throws Exception {
    for (String file : files) new ConnectorCheck(file).check();
    System.out.flush();
    System.exit(0); // the connection check leaves threads behind
  }

  private void say(String kind, String key, String text) {
    System.out.println(file + "\t" + kind + "\t" + key + "\t" + text.replaceAll("\\s+", " "));
  }

  private void check() throws Exception {
    Map<String, String> raw = read();
    Map<String, String> config = resolve(raw);
    String name = raw.get("connector.class");
    if (name == null) {
      say("error", "connector.class", "is not there");
      return;
    }
    Connector connector = (Connector) Class.forName(name).getDeclaredConstructor().newInstance();
    unknownKeys(connector, config);
    for (ConfigValue value : SourceConnectorConfig.configDef().validate(config)) report(value);
    words(name, config);
    schemaHistory(config);
    if (!"1".equals(config.getOrDefault("tasks.max", "1"))) {
      say("error", "tasks.max", "the Oracle connector runs as a single task");
    }
    // The connection is tried only when every field is valid.
    config.putIfAbsent("connection.validation.timeout.ms", "3000");
    for (ConfigValue value : connector.validate(config).configValues()) {
      if (value != null) report(value);
    }
  }

  /** The flat map, bare or as {"name":..,"config":{..}} for Connect's REST interface. */
  private Map<String, String> read() throws Exception {
    JsonNode root = new ObjectMapper().readTree(Files.readString(Path.of(file)));
    JsonNode flat = root.path("config").isObject() ? root.get("config") : root;
    Map<String, String> config = new LinkedHashMap<>();
    if (root.path("name").isTextual()) config.put("name", root.get("name").asText());
    flat.fields().forEachRemaining(entry -> {
      if (!entry.getValue().isTextual()) say("error", entry.getKey(), "not a JSON string");
      config.put(entry.getKey(), entry.getValue().asText());
    });
    return config;
  }

  private Map<String, String> resolve(Map<String, String> raw) {
    Map<String, ConfigProvider> providers = Map.of(
        "file", new FileConfigProvider(), "env", new EnvVarConfigProvider(), "dir", new DirectoryConfigProvider());
    providers.values().forEach(provider -> provider.configure(Map.of()));
    Map<String, String> config;
    try {
      config = new LinkedHashMap<>(new ConfigTransformer(providers).transform(raw).data());
    } catch (ConfigException e) {
      say("unresolved", "*", e.getMessage());
      return new LinkedHashMap<>(raw);
    }
    config.forEach((key, value) -> {
      if (value != null && ConfigTransformer.DEFAULT_PATTERN.matcher(value).find()) say("unresolved", key, value);
    });
    return config;
  }

  private void unknownKeys(Connector connector, Map<String, String> config) throws Exception {
    Set<String> known = new TreeSet<>(SourceConnectorConfig.configDef().names());
    known.addAll(connector.config().names());
    known.addAll(fieldNames(connector.getClass().getName() + "Config"));
    for (String name : UNDECLARED) known.addAll(fieldNames(name));
    for (String key : config.keySet()) {
      if (!known.contains(key) && !HANDED_ON.matcher(key).matches()) say("unknown", key, "nobody reads this key");
    }
  }

  /** Names of all Field constants of a class and its parents. */
  private static Set<String> fieldNames(String className) throws Exception {
    Set<String> names = new TreeSet<>();
    for (Class<?> c = Class.forName(className); c != null; c = c.getSuperclass()) {
      for (java.lang.reflect.Field constant : c.getDeclaredFields()) {
        if (!Modifier.isStatic(constant.getModifiers()) || constant.getType() != Field.class) continue;
        constant.setAccessible(true);
        if (constant.get(null) instanceof Field field) names.add(field.name());
      }
    }
    return names;
  }

  private void words(String connector, Map<String, String> config) throws Exception {
    for (Map.Entry<String, String> setting : WORDS.entrySet()) {
      String value = config.get(setting.getKey());
      if (value == null) continue;
      List<String> allowed = new ArrayList<>();
      for (Object word : Class.forName(connector + "Config$" + setting.getValue()).getEnumConstants()) {
        allowed.add((String) word.getClass().getMethod("getValue").invoke(word));
      }
      if (allowed.stream().noneMatch(value.trim()::equalsIgnoreCase)) {
        say("error", setting.getKey(), "must be one of " + allowed);
      }
    }
  }

  private void schemaHistory(Map<String, String> config) {
    Configuration.from(config).edit().withDefault("schema.history.internal.name", "check").build()
        .validate(KafkaSchemaHistory.ALL_FIELDS, (field, value, problem) -> say("error", field.name(), problem));
  }

  private void report(ConfigValue value) {
    if (value.name().endsWith(".plugin.version")) return;
    for (String problem : value.errorMessages()) {
      boolean connection = value.name().equals("database.hostname") && problem.contains("Unable to connect");
      say(connection ? "connection" : "error", value.name(), problem);
    }
  }
}
