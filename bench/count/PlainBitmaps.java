import org.roaringbitmap.RoaringBitmap;

/// What one writes with RoaringBitmap at hand: intermediate bitmaps, and the size of the last.
final class PlainBitmaps implements Contender {
  private Dataset data;

  @Override
  public void load(Dataset members) {
    data = members;
  }

  @Override
  public long count(Question question) {
    RoaringBitmap either = RoaringBitmap.or(data.with(question.a()), data.with(question.b()));
    RoaringBitmap both = RoaringBitmap.and(either, data.with(question.c()));
    return RoaringBitmap.andNot(both, data.with(question.d())).getLongCardinality();
  }
}
