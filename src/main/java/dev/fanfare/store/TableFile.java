package dev.fanfare.store;

import java.nio.file.Path;
import org.rocksdb.CompressionType;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.SstFileWriter;

/// A file of sorted keys and values with a checksum per block: what RocksDB keeps its tables in,
/// also useful by itself.
public final class TableFile {
  static {
    RocksDB.loadLibrary();
  }

  private TableFile() {}

  /// Takes the entries of a file, keys rising.
  @FunctionalInterface
  public interface Sink {
    void put(byte[] key, byte[] value);
  }

  /// Hands over all entries of a file that is being written; at least one.
  @FunctionalInterface
  public interface Source {
    void writeTo(Sink sink);
  }

  /// Writes a new file and syncs it.
  public static void write(Path file, Source source) {
    try (EnvOptions environment = new EnvOptions();
        Options options = new Options().setCompressionType(CompressionType.LZ4_COMPRESSION);
        SstFileWriter writer = new SstFileWriter(environment, options)) {
      writer.open(file.toString());
      source.writeTo((key, value) -> put(writer, key, value));
      writer.finish();
    } catch (RocksDBException e) {
      throw new StoreException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private static void put(SstFileWriter writer, byte[] key, byte[] value) {
    try {
      writer.put(key, value);
    } catch (RocksDBException e) {
      throw new StoreException("cannot fill a table file: " + e.getMessage(), e);
    }
  }

  /// Visits the entries from a key on, until the visitor says stop.
  ///
  /// @throws StoreException when the file is damaged
  public static void scan(Path file, byte[] from, Tables.Visitor visitor) {
    try (Options options = new Options();
        ReadOptions reading = new ReadOptions();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(file.toString());
      try (SstFileReaderIterator entries = reader.newIterator(reading)) {
        boolean more = true;
        for (entries.seek(from); more && entries.isValid(); entries.next()) {
          more = visitor.visit(entries.key(), entries.value());
        }
        entries.status();
      }
    } catch (RocksDBException e) {
      throw damaged(file, e);
    }
  }

  /// Reads all of a file and compares its checksums.
  ///
  /// @throws StoreException when they differ
  public static void verify(Path file) {
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(file.toString());
      reader.verifyChecksum();
    } catch (RocksDBException e) {
      throw damaged(file, e);
    }
  }

  private static StoreException damaged(Path file, RocksDBException cause) {
    return new StoreException(file + " is damaged: " + cause.getMessage(), cause);
  }
}
