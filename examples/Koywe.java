// A Koywe client in Java 17, without packages: signs in, asks for a payment and reads whether it came.
//
//   emulator --ready-file ready.json
//   java examples/Koywe.java ready.json

import java.net.URI;
import java.net.http.*;
import java.nio.file.*;
import java.util.regex.*;

class Koywe {
    public static void main(String[] arguments) throws Exception {
        String ready = Files.readString(Path.of(arguments.length > 0 ? arguments[0] : "ready.json"));

        // The client: the same as against https://api.koywe.com.

        String api = find(ready, "urls", "koywe") + "/api/v1";
        String key = find(ready, "credentials", "koywe", "api_key");
        String secret = find(ready, "credentials", "koywe", "secret");
        String signIn = "{\"apiKey\":\"%s\",\"secret\":\"%s\"}".formatted(key, secret);
        String token = find(call(api + "/auth/sign-in", "", signIn), "token");
        System.out.println("signed in  as " + key);

        String orders = "%s/organizations/%s/merchants/%s/orders".formatted(api,
            find(ready, "credentials", "koywe", "organization_id"), find(ready, "credentials", "koywe", "merchant_id"));
        String created = call(orders, token, """
            {"type":"PAYIN","originCurrencySymbol":"COP","destinationCurrencySymbol":"COP","amountIn":50000,
             "paymentMethods":[{"method":"PSE"}]}""");
        String order = orders + "/" + find(created, "id");
        System.out.println("created    " + find(created, "id") + ": " + find(created, "providedAction"));
        System.out.println("read       " + expect("PENDING", call(order, token, null)));

        // Only with the emulator: nobody has to wait for the payer.

        String sandbox = find(ready, "control") + "/sandboxes/" + find(ready, "credentials", "sandbox");
        String advanced = call(sandbox + "/clock/advance", "", "{\"by\": \"10s\"}");
        System.out.println("advanced   to " + find(advanced, "now"));
        System.out.println("read       " + expect("COMPLETED", call(order, token, null)));
    }

    static String call(String url, String token, String json) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "application/json");
        if (json != null) request.POST(HttpRequest.BodyPublishers.ofString(json));
        if (!token.isEmpty()) request.header("Authorization", "Bearer " + token);
        var answer = HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) throw new IllegalStateException(url + ": " + answer.body());
        return answer.body();
    }

    static String expect(String status, String order) {
        if (!find(order, "status").equals(status)) throw new IllegalStateException("expected " + status + ": " + order);
        return status;
    }

    static String find(String json, String... path) { // the text or number at this path: enough for an example
        String pattern = ".*?\"" + String.join("\"\\s*:.*?\"", path) + "\"\\s*:\\s*\"?([^\",}]*).*";
        Matcher member = Pattern.compile(pattern, Pattern.DOTALL).matcher(json);
        if (!member.matches()) throw new IllegalStateException(String.join(".", path) + " is not in " + json);
        return member.group(1);
    }
}
