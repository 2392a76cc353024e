package dev.fanfare;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Dependencies point one way.
final class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.fanfare");

  @Test
  void the_classes_were_really_read() {
    assertThat(CLASSES.contain(Server.class)).isTrue();
    assertThat(CLASSES.contain("dev.fanfare.http.HttpServer")).isTrue();
    assertThat(CLASSES.contain("dev.fanfare.store.RocksStore")).isTrue();
  }

  @Test
  void features_form_no_cycle() {
    slices()
        .matching("dev.fanfare.(*)..")
        .should()
        .beFreeOfCycles()
        .ignoreDependency(resideInAPackage("dev.fanfare.schema.."), alwaysTrue())
        .check(CLASSES);
  }

  @Test
  void nothing_depends_on_the_root() {
    noClasses()
        .that()
        .resideInAPackage("dev.fanfare.*..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.fanfare")
        .check(CLASSES);
  }

  @Test
  void netty_stays_in_the_gateway() {
    onlyIn("dev.fanfare.gateway..", "io.netty..");
  }

  @Test
  void helidon_stays_in_http() {
    onlyIn("dev.fanfare.http..", "io.helidon..");
  }

  @Test
  void rocksdb_stays_in_the_store() {
    onlyIn("dev.fanfare.store..", "org.rocksdb..");
  }

  @Test
  void picocli_stays_in_the_commands() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.fanfare", "dev.fanfare.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(CLASSES);
  }

  @Test
  void commands_know_the_server_by_its_api_alone() {
    noClasses()
        .that()
        .resideInAPackage("dev.fanfare.cli..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("dev.fanfare..")
                .and(
                    com.tngtech.archunit.base.DescribedPredicate.not(
                        resideInAPackage("dev.fanfare.cli.."))))
        .check(CLASSES);
  }

  @Test
  void faces_never_see_each_other() {
    List<String> faces = List.of("volcengine", "tencent", "api");
    for (String face : faces) {
      String[] others =
          faces.stream()
              .filter(other -> !other.equals(face))
              .map(other -> "dev.fanfare." + other + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("dev.fanfare." + face + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(others)
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  private static void onlyIn(String home, String library) {
    noClasses()
        .that()
        .resideOutsideOfPackage(home)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library)
        .check(CLASSES);
  }
}
