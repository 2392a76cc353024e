package dev.fanfare.tencent;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fanfare.app.Size;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The accounts that a request for tags or attributes names.
final class ToAccounts {
  private static final String FIELD = "To_Account";

  private ToAccounts() {}

  /// One account of a request with what is said about it.
  record Item(String account, Fields fields) {}

  /// The accounts of a plain list, each once, in the order of the request.
  static Set<String> listed(Call call) {
    return listed(call, Size.TENCENT_ACCOUNTS);
  }

  /// @param most how many accounts the list may have
  static Set<String> listed(Call call, Size most) {
    return texts(
        call.body()
            .list(FIELD, call.most(most), TencentError.BAD_JSON, TencentError.TOO_MANY_ACCOUNTS));
  }

  /// Texts that are not empty, each once.
  static Set<String> texts(List<JsonNode> elements) {
    Set<String> accounts = new LinkedHashSet<>();
    for (JsonNode element : elements) {
      if (!element.isTextual() || element.textValue().isEmpty()) {
        throw TencentError.BAD_TO_ACCOUNT.with(FIELD + " must hold strings that are not empty");
      }
      accounts.add(element.textValue());
    }
    return accounts;
  }

  /// The items of a list of objects, each with an account. A body without the list that names one
  /// account itself is the only item: so the vendor's SDK writes it.
  static List<Item> items(Call call, String list) {
    Fields body = call.body();
    if (!body.has(list) && body.has(FIELD)) {
      return List.of(item(body));
    }
    int most = call.most(Size.TENCENT_ACCOUNTS);
    List<Item> items = new ArrayList<>();
    for (Fields fields :
        body.objects(list, most, TencentError.BAD_JSON, TencentError.TOO_MANY_ACCOUNTS)) {
      items.add(item(fields));
    }
    return items;
  }

  private static Item item(Fields fields) {
    return new Item(fields.requiredText(FIELD, TencentError.BAD_TO_ACCOUNT), fields);
  }
}
