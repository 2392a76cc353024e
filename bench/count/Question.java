import java.util.List;
import java.util.function.Function;

/// How many members are in `(a or b) and c and not d`.
record Question(String name, Word a, Word b, Word c, Word d) {
  /// From words that many members have to words that few have. Popular ones are kept as bits, rare
  /// ones as lists, by everything here that uses bitmaps.
  static final List<Question> ALL =
      List.of(
          new Question("dense", Word.tag(0), Word.tag(1), Word.tag(2), Word.tag(3)),
          new Question("mixed", Word.tag(1), Word.tag(20), Word.tag(5), Word.tag(60)),
          new Question("sparse", Word.tag(50), Word.tag(80), Word.tag(30), Word.tag(200)),
          new Question("city", Word.tag(5), Word.tag(20), Word.city(0), Word.tag(1)));

  /// The question in another language: `(` a `or` b `)` `and` c `and not` d.
  String written(Function<Word, String> has) {
    return "(%s or %s) and %s and not %s"
        .formatted(has.apply(a), has.apply(b), has.apply(c), has.apply(d));
  }

  @Override
  public String toString() {
    return written(Word::toString);
  }
}
