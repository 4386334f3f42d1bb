import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs the tests of these classes as JUnit does, and prints those that have passed. */
class Runner {
    public static void main(String[] names) throws Exception {
        for (String name : names) {
            Class<?> type = Class.forName(name);
            for (Method test : type.getDeclaredMethods()) {
                if (!test.isAnnotationPresent(Test.class)) continue;
                var constructor = type.getDeclaredConstructor();
                constructor.setAccessible(true);
                Object tests = constructor.newInstance();
                call(tests, BeforeEach.class);
                test.setAccessible(true);
                test.invoke(tests);
                call(tests, AfterEach.class);
                System.out.println(name + "." + test.getName());
            }
        }
    }

    private static void call(Object tests, Class<? extends Annotation> marked) throws Exception {
        for (Method method : tests.getClass().getDeclaredMethods()) {
            method.setAccessible(true);
            if (method.isAnnotationPresent(marked)) method.invoke(tests);
        }
    }
}
