/// Something that a member has or has not: a tag `t0` to `t999`, or the city `c0` to `c9`.
///
/// @param number the rank, the most popular one is 0
record Word(Kind kind, int number) {
  /// What a word says about a member.
  enum Kind {
    TAG("t"),
    CITY("c");

    private final String letter;

    Kind(String letter) {
      this.letter = letter;
    }
  }

  static Word tag(int number) {
    return new Word(Kind.TAG, number);
  }

  static Word city(int number) {
    return new Word(Kind.CITY, number);
  }

  /// The name that it has everywhere.
  @Override
  public String toString() {
    return kind.letter + number;
  }
}
