import emulator.client.Emulator;
import emulator.client.Emulator.Json;
import emulator.client.Emulator.Refused;
import emulator.client.Emulator.Sandbox;
import com.sun.net.httpserver.HttpServer;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.util.*;
import java.util.concurrent.*;

/** Everything that the client in Java can do, against the emulator whose URL and token are the arguments. */
class EmulatorTest {
    record Received(byte[] body, Map<String, String> headers) {}

    static final BlockingQueue<Received> RECEIVED = new LinkedBlockingQueue<>();
    static int checks = 0;

    public static void main(String[] arguments) throws Exception {
        HttpServer receiver = receive();
        Emulator emulator = Emulator.at(arguments[0], arguments[1]);
        try {
            same(true, Emulator.at(arguments[0] + "/_emulator/", arguments[1]).call("GET", "/version", null).toString().contains("version"));
            orders(emulator);
            webhooks(emulator, "http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook");
            refusals(emulator, arguments[0]);
            json();
        } finally {
            receiver.stop(0);
        }
        System.out.println("checks: " + checks);
    }

    static void orders(Emulator emulator) {
        String name;
        try (Sandbox sandbox = emulator.createSandbox(Map.of("seed", "java"))) {
            name = sandbox.name();
            for (String provider : List.of("baanx", "basswallet", "changelly", "koywe")) {
                Map<String, Object> order = sandbox.makeOrder(provider, Map.of());
                same(List.of(order.get("id")), sandbox.orders(provider).stream().map(each -> each.get("id")).toList());
                same(provider, sandbox.order((String) order.get("id")).get("provider"));
            }
            same(4, sandbox.orders(null).size());
            same("2026-01-05T12:00:00.000Z", sandbox.now());
            same(true, sandbox.advance("10s").stream().anyMatch(it -> "COMPLETED".equals(it.get("status"))));
            same("2026-01-05T12:00:10.000Z", sandbox.now());
            sandbox.advance(Map.of("to", "2026-02-01T00:00:00Z"));
            same("2026-02-01T00:00:00.000Z", sandbox.now());

            String paid = (String) sandbox.makeOrder("baanx", Map.of()).get("id");
            same("COMPLETED", sandbox.fire(paid, "pay", Map.of()).get("status"));
            String failed = (String) sandbox.makeOrder("baanx", Map.of()).get("id");
            same("FAILED", sandbox.move(failed, "FAILED").get("status"));
            same(6, sandbox.journal("request").size());
            same("client-" + name, sandbox.credential("baanx", "client_id"));
            same(true, sandbox.url("koywe").startsWith("http://127.0.0.1:"));
            same(name, emulator.sandbox(name).name());
            same(name, ((Map<?, ?>) sandbox.call("GET", "/snapshot", null)).get("name"));
        }
        same("unknown-sandbox", refused(() -> emulator.sandbox(name)).error);
    }

    static void webhooks(Emulator emulator, String url) throws Exception {
        try (Sandbox sandbox = emulator.createSandbox(Map.of("webhook_url", url))) {
            Map<String, String> keys = Map.of(
                "baanx", "whk_baanx_test", "koywe", "whsec_koywe_test",
                "basswallet", sandbox.credential("basswallet", "callback_secret_key"),
                "changelly", sandbox.credential("changelly", "callback_public_key"));
            for (String provider : keys.keySet()) {
                sandbox.command(provider, "test_webhook", Map.of());
                Received good = RECEIVED.poll(10, TimeUnit.SECONDS);
                same(true, verify(provider, good.body, good.headers, keys.get(provider)));
                same(false, verify(provider, good.body, Map.of(), keys.get(provider)));
                same(false, verify(provider, "{".getBytes(), good.headers, keys.get(provider)));
                String fault = (String) sandbox.inject("bad-signature", Map.of("provider", provider)).get("id");
                sandbox.command(provider, "test_webhook", Map.of());
                Received bad = RECEIVED.poll(10, TimeUnit.SECONDS);
                same(false, verify(provider, bad.body, bad.headers, keys.get(provider)));
                same(null, sandbox.call("DELETE", "/faults/" + fault, null));
            }
            String base64 = sandbox.credential("changelly", "callback_public_key_base64");
            sandbox.command("changelly", "test_webhook", Map.of());
            Received changelly = RECEIVED.poll(10, TimeUnit.SECONDS);
            same(true, verify("changelly", changelly.body, changelly.headers, base64));

            sandbox.set("basswallet", Map.of("webhook_encoding", "json"));
            sandbox.call("POST", "/webhooks/send", Map.of("provider", "basswallet", "body", "{\"id\": \"1\", \"amount\": 275.0, \"fee\": 1e2}"));
            Received json = RECEIVED.poll(10, TimeUnit.SECONDS);
            same(true, verify("basswallet", json.body, json.headers, keys.get("basswallet")));

            String order = (String) sandbox.makeOrder("basswallet", Map.of()).get("id");
            sandbox.advance("2m");
            same(true, sandbox.waitForWebhooks(1, Map.of("order", order, "state", "delivered")));
            same(url, sandbox.webhooks(order).get(0).get("url"));
            same(true, sandbox.webhooks(null).size() > sandbox.webhooks(order).size());
        }
    }

    static void refusals(Emulator emulator, String url) {
        same(401, refused(() -> Emulator.at(url).createSandbox()).status);
        try (Sandbox sandbox = emulator.createSandbox()) {
            String id = (String) sandbox.makeOrder("baanx", Map.of()).get("id");
            sandbox.fire(id, "fail", Map.of());
            Refused refused = refused(() -> sandbox.fire(id, "pay", Map.of()));
            same(409, refused.status);
            same(List.of(), refused.body.get("legal"));
            same("broken-scenario", refused(() -> sandbox.call("PUT", "/scenarios/baanx/odd", Map.of())).error);
        }
        try {
            Emulator.at("http://127.0.0.1:9").createSandbox();
            throw new AssertionError("nobody is there");
        } catch (java.io.UncheckedIOException error) {
            same("the emulator at http://127.0.0.1:9/_emulator does not answer", error.getMessage());
        }
    }

    static void json() {
        String text = "{\"a\":[1,-2.50,1e2,true,false,null,{}],\"b\\\"\\\\\\u000a\\u00e9\":\"\",\"c\":[]}";
        Object value = Json.read(text.replace(",", " ,\n ").replace(":", " : "));
        same(text.replace("\\u00e9", "\u00e9"), Json.write(value));
        same(new BigDecimal("-2.50"), ((List<?>) ((Map<?, ?>) value).get("a")).get(1));
        for (String broken : List.of("", "{", "[1", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "tru", "\"a", "\"\\x\"", "1 2", "{1:2}")) {
            try {
                throw new AssertionError(broken + " was read as " + Json.read(broken));
            } catch (IllegalArgumentException error) {
                same(true, error.getMessage().startsWith("no JSON at character "));
            }
        }
    }

    static boolean verify(String provider, byte[] body, Map<String, String> headers, String key) {
        return switch (provider) {
            case "baanx" -> Emulator.verifyBaanx(body, headers, key);
            case "basswallet" -> Emulator.verifyBassWallet(body, headers, key);
            case "changelly" -> Emulator.verifyChangelly(body, headers, key);
            default -> Emulator.verifyKoywe(body, headers, key);
        };
    }

    static HttpServer receive() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/hook", exchange -> {
            Map<String, String> headers = new HashMap<>();
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
            RECEIVED.add(new Received(exchange.getRequestBody().readAllBytes(), headers));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    static Refused refused(Runnable call) {
        try {
            call.run();
        } catch (Refused refused) {
            return refused;
        }
        throw new AssertionError("nothing was refused");
    }

    static void same(Object expected, Object real) {
        checks++;
        if (!Objects.equals(expected, real)) throw new AssertionError("expected " + expected + ", not " + real);
    }
}
