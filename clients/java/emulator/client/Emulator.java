package emulator.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.*;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.security.*;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.*;
import java.util.stream.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A client for tests against a running payment provider emulator. One file for Java 17 or newer, without dependencies:
 * copy it into your tests.
 *
 * <pre>{@code
 * Emulator emulator = Emulator.at("http://127.0.0.1:8900");
 * try (Emulator.Sandbox sandbox = emulator.createSandbox()) {
 *     Map<String, Object> order = sandbox.makeOrder("baanx", Map.of());
 *     sandbox.advance("10s");
 *     assertEquals("COMPLETED", sandbox.order((String) order.get("id")).get("status"));
 * }
 * }</pre>
 *
 * JSON objects become maps, arrays become lists, numbers become {@link BigDecimal} with all their digits, and null stays
 * null. A refused call throws {@link Refused}; if no emulator answers, {@link UncheckedIOException} is thrown.
 */
public final class Emulator {
    /** Longer than any call takes, including an advance with the largest budget. */
    private static final Duration TIMEOUT = Duration.ofMinutes(11);
    private static final Map<String, Object> MANUAL_CLOCK = Map.of("mode", "manual", "now", "2026-01-05T12:00:00Z");

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String control;
    private final String token;

    private Emulator(String url, String token) {
        this.control = url.replaceAll("/+$", "").replaceAll("/_emulator$", "") + "/_emulator";
        this.token = token;
    }

    /** The emulator with this front door, for example {@code http://127.0.0.1:8900}. */
    public static Emulator at(String url) {
        return new Emulator(url, null);
    }

    /** An emulator that was started with {@code --control-token}. */
    public static Emulator at(String url, String token) {
        return new Emulator(url, token);
    }

    /** A new sandbox, whose clock stands still until it is advanced. */
    public Sandbox createSandbox() {
        return createSandbox(Map.of());
    }

    /** A new sandbox; {@code wanted}: members of {@code POST sandboxes}, such as seed, clock, settings, webhook_url. */
    public Sandbox createSandbox(Map<String, ?> wanted) {
        Map<String, Object> body = new LinkedHashMap<>(Map.of("clock", MANUAL_CLOCK));
        body.put("name", "test-" + UUID.randomUUID().toString().substring(0, 23));
        body.putAll(wanted);
        return new Sandbox(object(call("POST", "/sandboxes", body)));
    }

    /** An existing sandbox. */
    public Sandbox sandbox(String name) {
        return new Sandbox(object(call("GET", "/sandboxes/" + escape(name), null)));
    }

    /** Any call of the control API: {@code call("GET", "/version", null)}. Returns null if the answer has no body. */
    public Object call(String method, String path, Object body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(control + path)).timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body == null ? "" : Json.write(body)));
        if (token != null) request.header("Authorization", "Bearer " + token);
        try {
            var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            boolean json = answer.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
            Object content = json ? Json.read(answer.body()) : answer.body().isEmpty() ? null : answer.body();
            if (answer.statusCode() < 300) return content;
            Map<String, Object> why = json ? object(content) : Map.of("error", "no emulator", "message", answer.body());
            throw new Refused(answer.statusCode(), why);
        } catch (IOException error) {
            throw new UncheckedIOException("the emulator at " + control + " does not answer", error);
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the emulator at " + control + " was asked", error);
        }
    }

    /** The control API has refused a call; the message says what to do. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        /** HTTP status. */
        public final int status;
        /** The error's name, such as {@code unknown-order}. */
        public final String error;
        /** The whole answer. */
        public final transient Map<String, Object> body;

        Refused(int status, Map<String, Object> body) {
            super(body.get("error") + ": " + body.get("message"));
            this.status = status;
            this.error = (String) body.get("error");
            this.body = body;
        }
    }

    /** One sandbox, with its own orders, clock, journal, faults and webhooks. Closing it removes it. */
    public final class Sandbox implements AutoCloseable {
        private final Map<String, Object> document;

        private Sandbox(Map<String, Object> document) {
            this.document = document;
        }

        /** Its name, from which its credentials follow. */
        public String name() {
            return (String) document.get("name");
        }

        /** Base URL of a provider, instead of the provider's own. */
        public String url(String provider) {
            return text(object(document.get("urls")), provider);
        }

        /** A credential: {@code credential("baanx", "client_id")}. */
        public String credential(String provider, String member) {
            return text(object(object(document.get("credentials")).get(provider)), member);
        }

        /** Creates an order with a valid, signed request; {@code body} replaces members of the usual one. */
        public Map<String, Object> makeOrder(String provider, Map<String, ?> body) {
            return object(call("POST", "/orders", Map.of("provider", provider, "body", body)));
        }

        /** An order with its story. */
        public Map<String, Object> order(String id) {
            return object(call("GET", "/orders/" + escape(id), null));
        }

        /** The orders of a provider, or of all if null. */
        public List<Map<String, Object>> orders(String provider) {
            return objects(call("GET", "/orders" + query("provider", provider), null), "orders");
        }

        /** Makes an event happen to an order now: {@code fire(id, "pay", Map.of("amount", "5"))}. */
        public Map<String, Object> fire(String id, String event, Map<String, ?> arguments) {
            Map<String, Object> body = new LinkedHashMap<>(arguments);
            body.put("event", event);
            return object(call("POST", "/orders/" + escape(id) + "/events", body));
        }

        /** Moves an order to a status now. */
        public Map<String, Object> move(String id, String status) {
            return object(call("POST", "/orders/" + escape(id) + "/events", Map.of("to", status)));
        }

        /** Makes something happen at a provider apart from any order. */
        public Map<String, Object> command(String provider, String name, Map<String, ?> arguments) {
            return object(call("POST", "/commands/" + provider + "/" + escape(name), arguments));
        }

        /** Moves the clock, sends what falls due, and returns what happened. Throws if a receiver is silent for too long. */
        public List<Map<String, Object>> advance(String duration) {
            return advance(Map.of("by", duration));
        }

        /** Like {@link #advance(String)}, with the members by, to, until and budget. */
        public List<Map<String, Object>> advance(Map<String, ?> by) {
            Map<String, Object> answer = object(call("POST", "/clock/advance", by));
            if (Boolean.FALSE.equals(answer.get("settled"))) {
                throw new IllegalStateException("the clock stopped at " + answer.get("now") + ": nobody has answered "
                    + Json.write(answer.get("silent")));
            }
            return objects(answer, "happened");
        }

        /** The sandbox's time, for example {@code 2026-01-05T12:00:00.000Z}. */
        public String now() {
            return text(object(call("GET", "/clock", null)), "now");
        }

        /** Changes settings of a provider. */
        public void set(String provider, Map<String, ?> settings) {
            call("PUT", "/settings", Map.of(provider, settings));
        }

        /** Adds a fault rule: {@code inject("reset", Map.of("when", "after", "times", 1))}. */
        public Map<String, Object> inject(String fault, Map<String, ?> rule) {
            Map<String, Object> body = new LinkedHashMap<>(rule);
            body.put("fault", fault);
            return object(call("POST", "/faults", body));
        }

        /** Webhooks of an order, or all if null, with every attempt, oldest first. */
        public List<Map<String, Object>> webhooks(String order) {
            return objects(call("GET", "/webhooks" + query("order", order), null), "webhooks");
        }

        /** Waits in real time until so many matching webhooks have been sent; returns whether they have. */
        public boolean waitForWebhooks(int count, Map<String, ?> match) {
            Object answer = call("POST", "/webhooks/wait", Map.of("count", count, "match", match));
            return Boolean.TRUE.equals(object(answer).get("complete"));
        }

        /** Journal entries of a kind (request, transition, delivery), or all if null; refusals have their reason. */
        public List<Map<String, Object>> journal(String kind) {
            return objects(call("GET", "/journal" + query("kind", kind), null), "entries");
        }

        /** Any call below the sandbox: {@code call("GET", "/snapshot", null)}. */
        public Object call(String method, String path, Object body) {
            return Emulator.this.call(method, "/sandboxes/" + name() + path, body);
        }

        @Override
        public void close() {
            call("DELETE", "", null);
        }
    }

    // -- Signatures of webhooks. `headers`: names in any case. Malformed webhooks have no good signature.

    /** Baanx: hex HMAC-SHA256 over {@code <X-Timestamp>.<raw body>}. The receiver decides how old it may be.
     * Source: https://docs.baanx.com/guides/webhooks/security, seen 2026-11. */
    public static boolean verifyBaanx(byte[] body, Map<String, String> headers, String apiKey) {
        byte[] start = bytes(header(headers, "X-Timestamp") + ".");
        byte[] signed = ByteBuffer.allocate(start.length + body.length).put(start).put(body).array();
        return isSame(hmac(apiKey, signed), header(headers, "X-Signature"));
    }

    /** BassWallet: hex HMAC-SHA256 over {@code name=value&...} in the order received; for JSON over its members.
     * Source: https://docs-en.basswallet.com/api-reference/info/webhook-explain, seen 2026-11. */
    public static boolean verifyBassWallet(byte[] body, Map<String, String> headers, String secretKey) {
        String text = new String(body, UTF_8);
        try {
            boolean json = header(headers, "Content-Type").startsWith("application/json");
            String signed = json ? signedOfJson(text) : signedOfForm(text);
            return isSame(hmac(secretKey, bytes(signed)), header(headers, "Signature").toLowerCase());
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }

    /** Changelly: base64 RSA-SHA256 over {@code {"orderId":"<id>"}}. {@code publicKey}: PEM, or base64 of it.
     * Source: https://fiat-api.changelly.com/docs/Webhooks-guide/Callbacks-receiving, seen 2026-11. */
    public static boolean verifyChangelly(byte[] body, Map<String, String> headers, String publicKey) {
        String pem = publicKey.startsWith("-----BEGIN") ? publicKey
            : new String(Base64.getDecoder().decode(publicKey), UTF_8);
        byte[] key = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(key)));
            Object order = object(Json.read(new String(body, UTF_8))).get("orderId");
            signature.update(bytes("{\"orderId\":" + Json.write(order) + "}"));
            return signature.verify(Base64.getDecoder().decode(header(headers, "X-Callback-Signature")));
        } catch (SignatureException | IllegalArgumentException unreadable) {
            return false;
        } catch (GeneralSecurityException error) {
            throw new IllegalArgumentException("the public key must be an RSA key", error);
        }
    }

    /** Koywe: hex HMAC-SHA256 over the raw body.
     * Source: https://docs.koywe.com/payments/advanced/webhooks, seen 2026-11. */
    public static boolean verifyKoywe(byte[] body, Map<String, String> headers, String secret) {
        return isSame(hmac(secret, body), header(headers, "Koywe-Signature"));
    }

    private static String signedOfForm(String text) {
        return Arrays.stream(text.split("&"))
            .map(pair -> URLDecoder.decode(pair.contains("=") ? pair : pair + "=", UTF_8))
            .collect(Collectors.joining("&"));
    }

    private static String signedOfJson(String text) {
        return object(Json.read(text)).entrySet().stream()
            .map(it -> it.getKey() + "=" + (it.getValue() instanceof String value ? value : Json.write(it.getValue())))
            .collect(Collectors.joining("&"));
    }

    private static String hmac(String key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(bytes(key), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(message));
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException("every JDK has HmacSHA256", error);
        }
    }

    private static boolean isSame(String expected, String given) {
        return MessageDigest.isEqual(bytes(expected), bytes(given));
    }

    private static String header(Map<String, String> headers, String name) {
        return headers.entrySet().stream().filter(it -> it.getKey().equalsIgnoreCase(name)).map(Map.Entry::getValue)
            .findFirst().orElse("");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    // -- JSON

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        if (value instanceof Map) return (Map<String, Object>) value;
        throw new IllegalArgumentException("not a JSON object: " + value);
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> objects(Object value, String member) {
        return (List<Map<String, Object>>) object(value).get(member);
    }

    private static String text(Map<String, Object> value, String member) {
        if (value.get(member) instanceof String found) return found;
        throw new IllegalArgumentException("no '" + member + "' here, but " + value.keySet());
    }

    private static String escape(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20");
    }

    private static String query(String name, String value) {
        return value == null ? "" : "?" + name + "=" + escape(value);
    }

    /** Reads and writes JSON. */
    public static final class Json {
        private final String text;
        private int place;

        private Json(String text) {
            this.text = text;
        }

        /** The value of a document. Throws IllegalArgumentException if it is not JSON. */
        public static Object read(String text) {
            Json json = new Json(text);
            Object value = json.readValue();
            if (json.next() != 0) throw json.problem();
            return value;
        }

        /** The document of a value made of maps, iterables, strings, numbers, booleans and null. */
        public static String write(Object value) {
            if (value instanceof Map<?, ?> map) {
                return map.entrySet().stream().map(it -> quote(it.getKey().toString()) + ":" + write(it.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
            }
            if (value instanceof Iterable<?> items) {
                List<String> written = new ArrayList<>();
                items.forEach(item -> written.add(write(item)));
                return "[" + String.join(",", written) + "]";
            }
            return value instanceof CharSequence ? quote(value.toString()) : String.valueOf(value);
        }

        private static String quote(String text) {
            StringBuilder quoted = new StringBuilder("\"");
            for (char each : text.toCharArray()) {
                if (each == '"' || each == '\\') quoted.append('\\').append(each);
                else if (each < ' ') quoted.append(String.format("\\u%04x", (int) each));
                else quoted.append(each);
            }
            return quoted.append('"').toString();
        }

        private Object readValue() {
            char first = next();
            if (first == '"') return readText();
            if (first == '{') {
                Map<String, Object> members = new LinkedHashMap<>();
                readItems('}', () -> {
                    String name = readName();
                    members.put(name, readValue());
                });
                return members;
            }
            if (first == '[') {
                List<Object> items = new ArrayList<>();
                readItems(']', () -> items.add(readValue()));
                return items;
            }
            int start = place;
            while (place < text.length() && ",]} \t\r\n".indexOf(text.charAt(place)) < 0) place++;
            String word = text.substring(start, place);
            if (word.equals("null")) return null;
            if (word.equals("true") || word.equals("false")) return word.equals("true");
            if (word.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) return new Literal(word);
            throw problem();
        }

        private void readItems(char end, Runnable readItem) {
            place++;
            char found = next() == end ? end : ',';
            if (found == end) place++;
            while (found == ',') {
                readItem.run();
                found = next();
                if (found != ',' && found != end) throw problem();
                place++;
            }
        }

        private String readName() {
            if (next() != '"') throw problem();
            String name = readText();
            if (next() != ':') throw problem();
            place++;
            return name;
        }

        private String readText() {
            StringBuilder read = new StringBuilder();
            for (char each = take(++place); each != '"'; each = take(++place)) {
                read.append(each == '\\' ? readEscape() : each);
            }
            place++;
            return read.toString();
        }

        private char readEscape() {
            char escaped = take(++place);
            if (escaped == 'u') {
                take(place += 4);
                return (char) Integer.parseInt(text.substring(place - 3, place + 1), 16);
            }
            int known = "\"\\/bfnrt".indexOf(escaped);
            if (known < 0) throw problem();
            return "\"\\/\b\f\n\r\t".charAt(known);
        }

        /** The next character that is not whitespace, or 0 at the end. */
        private char next() {
            while (place < text.length() && Character.isWhitespace(text.charAt(place))) place++;
            return place < text.length() ? text.charAt(place) : 0;
        }

        private char take(int at) {
            if (at >= text.length()) throw problem();
            return text.charAt(at);
        }

        private IllegalArgumentException problem() {
            return new IllegalArgumentException("no JSON at character " + place + ": " + text);
        }
    }

    /** A number that remembers its spelling, for signatures and so that money keeps its digits. */
    private static final class Literal extends BigDecimal {
        private static final long serialVersionUID = 1;
        private final String written;

        Literal(String written) {
            super(written);
            this.written = written;
        }

        @Override
        public String toString() {
            return written;
        }
    }
}
