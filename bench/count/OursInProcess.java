import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceText;
import dev.fanfare.audience.Deltas;
import dev.fanfare.audience.Index;
import dev.fanfare.audience.Selection;
import dev.fanfare.audience.Term;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.roaringbitmap.RoaringBitmap;

/// Fanfare's index, called as the server calls it. Expressions are resolved once.
final class OursInProcess implements Contender {
  private static final int APP = 1;

  private final Index index = new Index();
  private final Map<Question, Selection> resolved = new HashMap<>();

  @Override
  public void load(Dataset data) {
    play(Term.everyone(APP), RoaringBitmap.bitmapOfRange(0, data.members()));
    data.words().forEach(word -> play(term(word), data.with(word)));
    for (Question question : Question.ALL) {
      resolved.put(question, Selection.resolve(audience(question), new Names()));
    }
  }

  private void play(Term term, RoaringBitmap members) {
    Deltas deltas = new Deltas();
    members.forEach((int ordinal) -> deltas.set(term, ordinal));
    index.play(deltas, 1);
  }

  private static Term term(Word word) {
    return switch (word.kind()) {
      case TAG -> Term.tag(APP, word.toString());
      case CITY -> Term.attribute(APP, 0, word.toString());
    };
  }

  private static Audience audience(Question question) {
    return AudienceText.parse(
        question.written(word ->
            switch (word.kind()) {
              case TAG -> "tag:" + word;
              case CITY -> "city=" + word;
            }));
  }

  @Override
  public long count(Question question) {
    return index.count(resolved.get(question), 0, new RoaringBitmap()).matched();
  }

  private static final class Names implements Selection.Resolver {
    @Override
    public int app() {
      return APP;
    }

    @Override
    public OptionalInt slot(String attributeName) {
      return OptionalInt.of(0);
    }

    @Override
    public OptionalInt ordinal(String memberId) {
      return OptionalInt.empty();
    }
  }
}
