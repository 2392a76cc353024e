package dev.fanfare.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tencentyun.TLSSigAPIv2;
import dev.fanfare.app.UserSig.Failure;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// UserSigs of the vendor's generator, and what a verifier must not take for one.
final class UserSigTest {
  private static final long TIME = 1_704_067_200;
  private static final long SDK_APP_ID = 1_400_000_000;
  private static final String SECRET =
      "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";
  private static final String OTHER_SECRET =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  private static final String ADMINISTRATOR =
      "eJw1jksLgkAUhf-LbAu7io4htBbLHlDU2ppRbsOozNxSi-57g9bZnccH581O*dGTfYtGsmTJQ4D5GD2lYQkLPGCTt0IVbYuCJb7bTJoaFLImLHEECqGxRkumoMb8Uaxckx-8Mwwp7NLrYKOuvK*5fM36THeUbbqbUrR-ZItLQ9F29QMJtTvlxxACjwOAzxfHuzS-";
  private static final String XIAOMING =
      "eJyrVgrxCdZLrSjILEpVsjIzMLEwMNABi5WlFilZKRnpGShB*MUp2YkFBZkpSlaGJgZQAJHJTEnNK8lMywRrqMhMzM-NzEuH6cpMBwqWmERlWrhkJRuUmXpke4WmVoVrJyZ5l7jlBwQFG5qa5Lr4eUdFlJb6GeX52kI1lmTmAh1kaG5gYmBmbmRgUAsAmLcx-g__";
  private static final String CHINESE =
      "eJyrVgrxCdZLrSjILEpVsjI0NTU1MjAw0AGLlqUWKVkpGekZKEH4xSnZiQUFmSlAdWZARYZGxiamEJnMlNS8ksy0TLCGp3sWPN3Q-3zXIpi2zHSgaLi7W36lc4GBaaR3vpdXYG6aa6Kxv19ucXZOeliJuVNBoqmlR0aEeYlZUb4tVGNJZi7ITeYGJgZm5kBn1QIAKVg2IQ__";
  private static final String WITH_USERBUF =
      "eJw1j90KgkAQRt9lbwtd-7KELhYNIkpCE8u7TdeYyrJ1lSx69za172aYOXMG5o1261BhzxI4Q850YmI87kYN48hBuoJR31fZhZYlZMjR5E6fnkDGbgJy6ASaFXCDSnAq7vyvwkmSWPVmoame7y6NZu1y1JqvXC2ougo3i4frbWvvYkWxEVkamQ9iXTF*rHMpE0L8QxwIGltlagTtYR806dVvdydJ3DRIEj8kv2ynXRkOCCjkV5qNTTyxdYw-X2G8Rxo_";
  private static final String OTHER_ORDER =
      "eNqrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkElNyM-Myi0uKEkvyi2BKilOyEwsKMlOACgxNDKAAKpdaUZBZlAqUsTAzgQuWZOaChAzNDUwMzMyN4OLFmekgS3wCDMMMKt0N-NyTKotNy9OyvMxSq7QrPHPLSzy9y5Ozs0v8Sz31w-NLTH1tlWoBTro2Hw__";

  private final App app = app(SDK_APP_ID, key("default", SECRET));

  static AppKey.Builder key(String name, String secret) {
    return AppKey.newBuilder().setKind(AppKey.Kind.TENCENT_SECRET).setName(name).setSecret(secret);
  }

  static App app(long sdkAppId, AppKey.Builder... keys) {
    List<AppKey> all = new ArrayList<>();
    for (AppKey.Builder key : keys) {
      all.add(key.build());
    }
    Limits limits = Limits.getDefaultInstance();
    return new App(
        1, "demo", 0, sdkAppId, List.of(), List.of(), all, List.of(), List.of(), List.of(), limits,
        false, List.of());
  }

  private UserSig.Verdict verify(String text, String identifier, long now) {
    return UserSig.verify(app, text, identifier::equals, now);
  }

  private static UserSig.Verified verified(String identifier, long expire) {
    SigningKey key = new SigningKey(AppKey.Kind.TENCENT_SECRET, "default", 0);
    return new UserSig.Verified(identifier, TIME, expire, key);
  }

  @ParameterizedTest
  @ValueSource(strings = {ADMINISTRATOR, WITH_USERBUF, OTHER_ORDER})
  void signatures_of_the_administrator_are_verified(String text) {
    assertThat(verify(text, "administrator", TIME)).isEqualTo(verified("administrator", 86_400));
  }

  @Test
  void the_other_vectors_are_verified() {
    assertThat(verify(XIAOMING, "xiaoming", TIME)).isEqualTo(verified("xiaoming", 604_800));
    App other = app(1_600_012_345L, key("default", OTHER_SECRET));
    assertThat(UserSig.verify(other, CHINESE, "张小红"::equals, TIME))
        .isEqualTo(verified("张小红", 15_552_000));
  }

  @Test
  void one_is_valid_up_to_its_last_second() {
    assertThat(verify(ADMINISTRATOR, "administrator", TIME + 86_400))
        .isEqualTo(verified("administrator", 86_400));
    assertThat(verify(ADMINISTRATOR, "administrator", TIME + 86_401)).isEqualTo(Failure.EXPIRED);
    assertThat(verified("administrator", 86_400).expiresAt()).isEqualTo(TIME + 86_400);
  }

  @Test
  void one_from_the_future_is_valid() {
    assertThat(verify(ADMINISTRATOR, "administrator", 0)).isInstanceOf(UserSig.Verified.class);
  }

  @Test
  void negative_vectors_fail_with_their_step() {
    App altered = app(SDK_APP_ID, key("default", SECRET.replace("5bd", "5be")));
    assertThat(verify(ADMINISTRATOR, "xiaoming", TIME)).isEqualTo(Failure.OTHER_IDENTIFIER);
    assertThat(UserSig.verify(app(SDK_APP_ID + 1), ADMINISTRATOR, _ -> true, TIME))
        .isEqualTo(Failure.OTHER_APP);
    assertThat(UserSig.verify(altered, ADMINISTRATOR, _ -> true, TIME))
        .isEqualTo(Failure.BAD_SIGNATURE);
    assertThat(UserSig.verify(app, "", _ -> true, TIME)).isEqualTo(Failure.MISSING);
    assertThat(UserSig.verify(app, null, _ -> true, TIME)).isEqualTo(Failure.MISSING);
  }

  @Test
  void damaged_text_is_undecodable() {
    int third = ADMINISTRATOR.length() / 3;
    String cut = ADMINISTRATOR.substring(0, ADMINISTRATOR.length() - 1);
    String gap = ADMINISTRATOR.substring(0, third) + ADMINISTRATOR.substring(2 * third);
    String swapped = ADMINISTRATOR.replace('-', '!').replace('*', '-').replace('!', '*');
    for (String text : List.of(cut, gap, swapped, "e", "中", ADMINISTRATOR + ADMINISTRATOR)) {
      assertThat(verify(text, "administrator", TIME)).as(text).isEqualTo(Failure.UNDECODABLE);
    }
  }

  @Test
  void missing_padding_is_accepted() {
    assertThat(verify(XIAOMING.replace("_", ""), "xiaoming", TIME))
        .isEqualTo(verified("xiaoming", 604_800));
  }

  @Test
  void a_failure_of_an_earlier_step_hides_those_of_later_ones() {
    App wrong = app(SDK_APP_ID, key("default", OTHER_SECRET));
    long late = TIME + 1_000_000;
    assertThat(UserSig.verify(wrong, ADMINISTRATOR, "x"::equals, late))
        .isEqualTo(Failure.BAD_SIGNATURE);
    assertThat(verify(ADMINISTRATOR, "x", late)).isEqualTo(Failure.OTHER_IDENTIFIER);
  }

  @Test
  void any_secret_that_is_valid_may_have_signed() {
    AppKey.Builder second = key("second", SECRET);
    App rotating = app(SDK_APP_ID, key("first", OTHER_SECRET), second);
    assertThat(UserSig.verify(rotating, ADMINISTRATOR, _ -> true, TIME))
        .extracting(verdict -> ((UserSig.Verified) verdict).key().name())
        .isEqualTo("second");
    for (AppKey.Builder unusable :
        List.of(
            second.clone().setDisabled(true),
            second.clone().setNotAfter(TIME * 1_000 - 1),
            second.clone().setKind(AppKey.Kind.DEVICE_KEY))) {
      App ended = app(SDK_APP_ID, key("first", OTHER_SECRET), unusable);
      assertThat(UserSig.verify(ended, ADMINISTRATOR, _ -> true, TIME))
          .isEqualTo(Failure.BAD_SIGNATURE);
    }
  }

  @Test
  void numbers_may_be_decimal_strings() {
    String text = signed("{'TLS.time':'%d','TLS.expire':'60','TLS.sdkappid':'1400000000',%s}", 60);
    assertThat(verify(text, "a", TIME)).isInstanceOf(UserSig.Verified.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void a_lifetime_that_is_not_positive_is_over(long expire) {
    assertThat(verify(signed(expire), "a", TIME)).isEqualTo(Failure.EXPIRED);
  }

  @Test
  void the_longest_lifetime_does_not_overflow() {
    UserSig.Verdict verdict = verify(signed(Long.MAX_VALUE), "a", TIME);
    assertThat(((UserSig.Verified) verdict).expiresAt()).isEqualTo(Long.MAX_VALUE);
  }

  private static String signed(long expire) {
    String form = "{'TLS.time':%d,'TLS.expire':" + expire + ",'TLS.sdkappid':1400000000,%s}";
    return signed(form, expire);
  }

  /// A document of this form, rightly signed.
  private static String signed(String form, long expire) {
    UserSigDocument claims =
        new UserSigDocument("a", SDK_APP_ID, TIME, expire, Optional.empty(), "");
    String made = UserSig.make(app(SDK_APP_ID, key("k", SECRET)), "a", TIME, expire).orElseThrow();
    String signature = UserSigDocument.decode(made).orElseThrow().signature();
    String rest = "'TLS.ver':'2.0','TLS.identifier':'a','TLS.sig':'" + signature + "'";
    assertThat(claims.signed()).contains("TLS.expire:" + expire + "\n");
    return packed(form.formatted(TIME, rest).replace('\'', '"'));
  }

  static String packed(String json) {
    Deflater deflater = new Deflater();
    deflater.setInput(json.getBytes(StandardCharsets.UTF_8));
    deflater.finish();
    byte[] compressed = new byte[json.length() * 3 + 100];
    int length = deflater.deflate(compressed);
    deflater.end();
    byte[] whole = Arrays.copyOf(compressed, length);
    return Base64.getEncoder()
        .encodeToString(whole)
        .replace('+', '*')
        .replace('/', '-')
        .replace('=', '_');
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "null",
        "{}",
        "{V,I,N,S}{}",
        "{'TLS.ver':2.0,I,N,S}",
        "{'TLS.ver':'1.0',I,N,S}",
        "{V,'TLS.identifier':7,N,S}",
        "{V,'TLS.identifier':'',N,S}",
        "{V,'TLS.identifier':'a\\nb',N,S}",
        "{V,'TLS.identifier':'\\ud800',N,S}",
        "{V,I,I,N,S}",
        "{V,I,N}",
        "{V,I,N,'TLS.sig':7}",
        "{V,I,N,S,'TLS.userbuf':7}",
        "{V,I,N,S,'TLS.userbuf':null}",
        "{V,I,N,S,'TLS.userbuf':'a\\nTLS.userbuf:b'}",
        "{V,I,S,'TLS.sdkappid':1.5,'TLS.time':1,'TLS.expire':1}",
        "{V,I,S,'TLS.sdkappid':1400000000,'TLS.time':1e3,'TLS.expire':1}",
        "{V,I,S,'TLS.sdkappid':1400000000,'TLS.time':1,'TLS.expire':9223372036854775808}",
        "{V,I,S,'TLS.sdkappid':1400000000,'TLS.time':1,'TLS.expire':'9223372036854775808'}",
        "{V,I,S,'TLS.sdkappid':1400000000,'TLS.time':'01','TLS.expire':1}",
        "{V,I,S,'TLS.sdkappid':1400000000,'TLS.time':'+1','TLS.expire':1}",
        "{V,I,S,'TLS.sdkappid':1400000000,'TLS.time':true,'TLS.expire':1}"
      })
  void a_document_of_another_shape_is_undecodable(String form) {
    String json =
        form.replace("V", "'TLS.ver':'2.0'")
            .replace("I", "'TLS.identifier':'a'")
            .replace("N", "'TLS.sdkappid':1400000000,'TLS.time':1,'TLS.expire':1")
            .replace("S}", "'TLS.sig':'x'}")
            .replace("S,", "'TLS.sig':'x',")
            .replace('\'', '"');
    assertThat(verify(packed(json), "a", TIME)).as(json).isEqualTo(Failure.UNDECODABLE);
  }

  @Test
  void a_document_is_at_most_8_kib() {
    String json =
        "{\"TLS.ver\":\"2.0\",\"TLS.identifier\":\"a\",\"TLS.sdkappid\":1400000000,"
            + "\"TLS.time\":1,\"TLS.expire\":1,\"TLS.sig\":\"%s\"}";
    String largest = json.formatted("x".repeat(8_192 - json.length() + 2));
    String larger = json.formatted("x".repeat(8_192 - json.length() + 3));
    assertThat(verify(packed(largest), "a", TIME)).isEqualTo(Failure.BAD_SIGNATURE);
    assertThat(verify(packed(larger), "a", TIME)).isEqualTo(Failure.UNDECODABLE);
    assertThat(verify(packed(" ".repeat(10_000_000)), "a", TIME)).isEqualTo(Failure.UNDECODABLE);
  }

  /// The vendor's own library makes at most 2,732 characters.
  @Test
  void a_text_is_at_most_as_long_as_a_request_line_has_room_for() {
    Random random = new Random(1);
    String noise = "";
    String text = "";
    while (text.length() < UserSig.MOST_CHARACTERS + 50) {
      Failure expected =
          text.length() > UserSig.MOST_CHARACTERS ? Failure.UNDECODABLE : Failure.BAD_SIGNATURE;
      assertThat(text.isEmpty() ? expected : verify(text, "a", TIME))
          .as("%d characters", text.length())
          .isEqualTo(expected);
      noise += Integer.toString(random.nextInt(Integer.MAX_VALUE), Character.MAX_RADIX);
      text =
          packed(
              "{\"TLS.ver\":\"2.0\",\"TLS.identifier\":\"a\",\"TLS.sdkappid\":1400000000,"
                  + "\"TLS.time\":1,\"TLS.expire\":1,\"TLS.sig\":\"%s\"}".formatted(noise));
    }
  }

  @Test
  void what_the_vendor_generates_is_verified() {
    TLSSigAPIv2 vendor = new TLSSigAPIv2(SDK_APP_ID, SECRET);
    long now = System.currentTimeMillis() / 1_000;
    assertThat(verify(vendor.genUserSig("administrator", 86_400), "administrator", now))
        .isInstanceOf(UserSig.Verified.class);
    String withBuffer = vendor.genPrivateMapKey("张小红", 60, 10_001, 255);
    assertThat(verify(withBuffer, "张小红", now)).isInstanceOf(UserSig.Verified.class);
    assertThat(verify(vendor.genUserSig("x", 0), "x", now)).isEqualTo(Failure.EXPIRED);
  }

  @Test
  void what_is_made_here_is_verified() {
    String made = UserSig.make(app, "张小红 \"\\", TIME, 60).orElseThrow();
    assertThat(verify(made, "张小红 \"\\", TIME)).isEqualTo(verified("张小红 \"\\", 60));
    assertThat(UserSig.hasForm(made)).isTrue();
    assertThat(UserSig.make(app(0, key("k", SECRET)), "a", TIME, 60)).isEmpty();
    assertThat(UserSig.make(app(SDK_APP_ID), "a", TIME, 60)).isEmpty();
    assertThatThrownBy(() -> UserSig.make(app, "a\nb", TIME, 60))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
