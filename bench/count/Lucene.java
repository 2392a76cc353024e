import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/// Lucene: a document per member, merged into one segment, the query cache off, because an audience
/// is mostly asked for once.
final class Lucene implements Contender {
  private final Directory directory;
  private IndexSearcher searcher;

  /// @param folder for the index
  Lucene(Path folder) throws IOException {
    this.directory = FSDirectory.open(folder);
  }

  @Override
  public void load(Dataset data) throws IOException {
    IndexWriterConfig configuration = new IndexWriterConfig().setRAMBufferSizeMB(256);
    try (IndexWriter writer = new IndexWriter(directory, configuration)) {
      for (int member = 0; member < data.members(); member++) {
        Document document = new Document();
        data.tagsOf(member).forEach(tag -> add(document, Word.tag(tag)));
        add(document, data.cityOf(member));
        writer.addDocument(document);
      }
      writer.forceMerge(1);
    }
    searcher = new IndexSearcher(DirectoryReader.open(directory));
    searcher.setQueryCache(null);
  }

  private static void add(Document document, Word word) {
    document.add(new StringField(word.kind().name(), word.toString(), Field.Store.NO));
  }

  @Override
  public long count(Question question) throws IOException {
    Query either =
        new BooleanQuery.Builder()
            .add(has(question.a()), Occur.SHOULD)
            .add(has(question.b()), Occur.SHOULD)
            .build();
    return searcher.count(
        new BooleanQuery.Builder()
            .add(either, Occur.FILTER)
            .add(has(question.c()), Occur.FILTER)
            .add(has(question.d()), Occur.MUST_NOT)
            .build());
  }

  private static Query has(Word word) {
    return new TermQuery(new Term(word.kind().name(), word.toString()));
  }

  @Override
  public void close() throws IOException {
    if (searcher != null) {
      searcher.getIndexReader().close();
    }
    directory.close();
  }
}
