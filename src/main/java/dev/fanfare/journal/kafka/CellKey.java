package dev.fanfare.journal.kafka;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The key that all nodes of a cell share. Commands that carry secrets are sealed with it (AES-256
/// in GCM) before they leave the node, so that whoever may read the topic or its brokers' disks
/// reads none of them.
///
/// A sealed text is 12 random bytes, then what GCM makes of the clear one. Any thread.
public final class CellKey {
  /// Bytes of a key.
  public static final int BYTES = 32;

  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int ID_BYTES = 8;

  private final SecretKeySpec key;
  private final byte[] id;
  private final SecureRandom random;

  /// @param key of [#BYTES] bytes
  public CellKey(byte[] key, SecureRandom random) {
    if (key.length != BYTES) {
      throw new IllegalArgumentException("a key has " + BYTES + " bytes, not " + key.length);
    }
    this.key = new SecretKeySpec(key, "AES");
    this.id = Arrays.copyOf(Chain.sha256(Chain.sha256(key)), ID_BYTES);
    this.random = random;
  }

  /// Names the key without telling it.
  byte[] id() {
    return id.clone();
  }

  byte[] seal(byte[] clear) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(clear);
      byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
      System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
      return all;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot encrypt", e);
    }
  }

  /// @throws WrongKeyException when another key sealed it, or somebody changed it
  byte[] open(byte[] sealed) {
    if (sealed.length < NONCE_BYTES) {
      throw new WrongKeyException();
    }
    try {
      return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE_BYTES))
          .doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    } catch (GeneralSecurityException e) {
      throw new WrongKeyException(e);
    }
  }

  private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }

  boolean isNamed(byte[] otherId) {
    return MessageDigest.isEqual(id, otherId);
  }

  /// What the topic holds was sealed with another key.
  static final class WrongKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongKeyException() {
      super("the secret key is not the one that this cell's secrets were sealed with");
    }

    WrongKeyException(Throwable cause) {
      super("the secret key is not the one that this cell's secrets were sealed with", cause);
    }
  }
}
