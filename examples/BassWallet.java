// A BassWallet client in Java 17, without packages: creates a payment, then asks whether it was paid.
//
//   emulator --ready-file ready.json
//   java examples/BassWallet.java ready.json

import java.net.URI;
import java.net.http.*;
import java.nio.file.*;
import java.util.*;
import java.util.regex.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class BassWallet {
    static String ready;

    public static void main(String[] arguments) throws Exception {
        ready = Files.readString(Path.of(arguments.length > 0 ? arguments[0] : "ready.json"));
        String created = call("POST", "/payment", "amount=25.50&tokenName=USDT&chainName=Tron&displayInfo=Gold");
        String id = find(created, "id");
        System.out.println("created    " + id + ": pay " + find(created, "amount") + " to " + find(created, "address"));
        System.out.println("read       " + expect("Pending", call("GET", "/order/query", "id=" + id)));

        // Only with the emulator: nobody has to wait for the payer and the blocks of the chain.

        String sandbox = find(ready, "control") + "/sandboxes/" + find(ready, "credentials", "sandbox");
        var twoMinutes = HttpRequest.BodyPublishers.ofString("{\"by\": \"2m\"}");
        var advance = HttpRequest.newBuilder(URI.create(sandbox + "/clock/advance")).POST(twoMinutes);
        System.out.println("advanced   to " + find(send(advance), "now"));
        System.out.println("read       " + expect("Success", call("GET", "/order/query", "id=" + id)));
    }

    // The client: the same as against https://api.basswallet.com. Signed are the parameters as sent, in this order.
    static String call(String method, String path, String parameters) throws Exception {
        String stamped = parameters + "&timestamp=" + System.currentTimeMillis();
        String url = find(ready, "urls", "basswallet") + "/api/v1/account" + path;
        byte[] secret = find(ready, "credentials", "basswallet", "secret_key").getBytes("UTF-8");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        return send(HttpRequest.newBuilder(URI.create(method.equals("GET") ? url + "?" + stamped : url))
            .header("API-Access-Key", find(ready, "credentials", "basswallet", "access_key"))
            .header("Signature", HexFormat.of().formatHex(mac.doFinal(stamped.getBytes("UTF-8"))))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .method(method, HttpRequest.BodyPublishers.ofString(method.equals("GET") ? "" : stamped)));
    }

    static String send(HttpRequest.Builder request) throws Exception {
        var answer = HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IllegalStateException(answer.statusCode() + " " + answer.body());
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
