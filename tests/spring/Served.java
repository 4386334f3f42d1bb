import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;

/** Serves a controller by its annotations until standard input ends, then says how many events it has. */
public final class Served {
    public static void main(String[] arguments) throws Exception {
        Object controller = Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        for (Method method : controller.getClass().getMethods()) {
            PostMapping mapping = method.getAnnotation(PostMapping.class);
            if (mapping != null) {
                server.createContext(mapping.value()[0], exchange -> answer(exchange, controller, method));
            }
        }
        server.start();
        System.out.println("http://127.0.0.1:" + server.getAddress().getPort());
        System.in.readAllBytes();
        server.stop(0);
        System.out.println(((Map<?, ?>) controller.getClass().getField("events").get(controller)).size());
    }

    private static void answer(HttpExchange exchange, Object controller, Method method) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Object[] values = Arrays.stream(method.getParameters()).map(each -> value(exchange, body, each)).toArray();
        int status = 500;
        try {
            status = ((ResponseEntity<?>) method.invoke(controller, values)).getStatusCodeValue();
        } catch (ReflectiveOperationException problem) {
            problem.printStackTrace();
        }
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private static Object value(HttpExchange exchange, byte[] body, Parameter parameter) {
        if (parameter.getAnnotation(RequestBody.class) != null) {
            return body;
        }
        RequestHeader header = parameter.getAnnotation(RequestHeader.class);
        String came = exchange.getRequestHeaders().getFirst(header.name());
        return came == null ? header.defaultValue() : came;
    }
}
