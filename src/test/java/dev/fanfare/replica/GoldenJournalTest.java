package dev.fanfare.replica;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.fanfare.TestNode;
import dev.fanfare.audience.Audience;
import dev.fanfare.audience.AudienceSchema;
import dev.fanfare.schema.AccountType;
import dev.fanfare.schema.AddKey;
import dev.fanfare.schema.AddWebhook;
import dev.fanfare.schema.AppKey;
import dev.fanfare.schema.AttributeEdit;
import dev.fanfare.schema.AudienceNode;
import dev.fanfare.schema.BeginFromBackup;
import dev.fanfare.schema.Cancel;
import dev.fanfare.schema.ChangeApp;
import dev.fanfare.schema.ChangeKey;
import dev.fanfare.schema.ChangeLimits;
import dev.fanfare.schema.Command;
import dev.fanfare.schema.CreateApp;
import dev.fanfare.schema.DuplicateKey;
import dev.fanfare.schema.EndConnection;
import dev.fanfare.schema.EndScan;
import dev.fanfare.schema.Entry;
import dev.fanfare.schema.EventKind;
import dev.fanfare.schema.Expire;
import dev.fanfare.schema.Ext;
import dev.fanfare.schema.ExtEntry;
import dev.fanfare.schema.FixUnreached;
import dev.fanfare.schema.Format;
import dev.fanfare.schema.LimitEdit;
import dev.fanfare.schema.LogIn;
import dev.fanfare.schema.Mark;
import dev.fanfare.schema.MemberChange;
import dev.fanfare.schema.MemberEdit;
import dev.fanfare.schema.NoteBackup;
import dev.fanfare.schema.OpenEpoch;
import dev.fanfare.schema.PassWebhook;
import dev.fanfare.schema.Pause;
import dev.fanfare.schema.Recall;
import dev.fanfare.schema.ReceiptChunk;
import dev.fanfare.schema.Receipts;
import dev.fanfare.schema.Release;
import dev.fanfare.schema.RemoveKey;
import dev.fanfare.schema.RemoveMember;
import dev.fanfare.schema.RemoveTag;
import dev.fanfare.schema.RemoveWebhook;
import dev.fanfare.schema.Resume;
import dev.fanfare.schema.RevokeCredentials;
import dev.fanfare.schema.SetAttributeNames;
import dev.fanfare.schema.SetLevel;
import dev.fanfare.schema.SetPace;
import dev.fanfare.schema.SlotName;
import dev.fanfare.schema.StartBroadcast;
import dev.fanfare.schema.StartDue;
import dev.fanfare.schema.StartScan;
import dev.fanfare.schema.Tags;
import dev.fanfare.schema.Tick;
import dev.fanfare.schema.TidyTag;
import dev.fanfare.schema.WebhookFormat;
import dev.fanfare.store.BitmapBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/// A journal written at level 1 of the rules, kept for good: every later version has to read it and
/// end in the same state.
///
/// While level 1 is not released, `-Dgolden.write=true` writes the file anew.
final class GoldenJournalTest {
  private static final Path FILE = Path.of("src/test/resources/golden/journal-level-1.txt");

  /// Number of the broadcast that a webhook is told of.
  private static final long TOLD = 38;

  /// Number of the one whose empty set of recipients is purged.
  private static final long UNDONE = 43;

  private static final long START = 1_700_000_000_000L;

  @Test
  void the_golden_journal_ends_in_the_golden_state() throws Exception {
    if (Boolean.getBoolean("golden.write")) {
      write();
    }
    List<String> lines = Files.readAllLines(FILE);
    SortedMap<Long, Entry> entries = new TreeMap<>();
    for (String line : lines.subList(1, lines.size())) {
      entries.put((long) entries.size() + 1, entry(line));
    }

    for (int grouping = 0; grouping < 10; grouping++) {
      assertThat(Replay.checksum(Replay.play(entries, new Random(grouping))))
          .isEqualTo(lines.getFirst());
    }
  }

  @Test
  void every_kind_of_command_is_in_the_golden_journal() throws Exception {
    Set<Command.KindCase> missing = EnumSet.allOf(Command.KindCase.class);
    List<String> lines = Files.readAllLines(FILE);
    for (String line : lines.subList(1, lines.size())) {
      missing.remove(entry(line).getCommand().getKindCase());
    }

    assertThat(missing).containsExactly(Command.KindCase.KIND_NOT_SET);
  }

  private static Entry entry(String line) throws InvalidProtocolBufferException {
    return Entry.parseFrom(HexFormat.of().parseHex(line));
  }

  private static void write() throws IOException {
    SortedMap<Long, Entry> entries = new TreeMap<>();
    List<String> lines = new ArrayList<>();
    for (Command command : commands()) {
      long offset = entries.size() + 1L;
      Entry entry = Entry.newBuilder().setTime(START + offset * 1_000).setCommand(command).build();
      entries.put(offset, entry);
      lines.add(HexFormat.of().formatHex(entry.toByteArray()));
    }
    lines.addFirst(Replay.checksum(Replay.play(entries, new Random(1))));
    Files.createDirectories(FILE.getParent());
    Files.write(FILE, lines);
  }

  private static List<Command> commands() {
    return List.of(
        TestNode.bootstrap(),
        command().setSetLevel(SetLevel.newBuilder().setLevel(1)).build(),
        command().setCreateApp(CreateApp.newBuilder().setId("other").setVolcengineAppId(7)).build(),
        TestNode.attributeNames("city", "tier"),
        TestNode.change(member("1", "vip"), member("2", "vip", "old"), member("3", "old")),
        TestNode.change(
            MemberChange.newBuilder()
                .setId("2")
                .setUpdate(
                    MemberEdit.newBuilder()
                        .addAddTags("new")
                        .addRemoveTags("old")
                        .addAttributes(AttributeEdit.newBuilder().setName("city").setValue("ny")))),
        TestNode.change(
            MemberChange.newBuilder()
                .setId("3")
                .setPut(MemberEdit.newBuilder().setNickName("Three").setRobot(true))),
        send("whole", 0, 0),
        send("paced", 1, 0),
        command().setRelease(Release.newBuilder().setBroadcast(9).setSlice(1)).build(),
        command().setPause(Pause.newBuilder().setBroadcast(9)).build(),
        command().setSetPace(SetPace.newBuilder().setBroadcast(9).setPace(2)).build(),
        command().setResume(Resume.newBuilder().setBroadcast(9)).build(),
        receipts(8, 0, 1),
        command().setRecall(Recall.newBuilder().setBroadcast(9)).build(),
        send("scheduled", 0, START + 18_000),
        send("cancelled", 0, START + 1_000_000),
        command().setStartDue(StartDue.newBuilder().setBroadcast(16)).build(),
        command().setCancel(Cancel.newBuilder().setBroadcast(17)).build(),
        TestNode.change(
            MemberChange.newBuilder().setId("1").setRemove(RemoveMember.getDefaultInstance())),
        receipts(8, 0, 1, 2),
        command().setExpire(Expire.newBuilder().setBroadcast(8)).build(),
        command().setRevokeCredentials(RevokeCredentials.newBuilder().setId("2")).build(),
        TestNode.change(
            MemberChange.newBuilder()
                .setId("1")
                .setLogIn(LogIn.newBuilder().setIssuedAt(START / 1_000 + 10)),
            MemberChange.newBuilder()
                .setId("1")
                .setLogIn(LogIn.newBuilder().setIssuedAt(START / 1_000 + 30))),
        command().setAddKey(AddKey.newBuilder().setKey(accessKey())).build(),
        command()
            .setChangeKey(
                ChangeKey.newBuilder()
                    .setKind(AppKey.Kind.VOLCENGINE_ACCESS_KEY)
                    .setName("AK2")
                    .setDailyBroadcasts(5))
            .build(),
        command()
            .setRemoveKey(
                RemoveKey.newBuilder().setKind(AppKey.Kind.VOLCENGINE_ACCESS_KEY).setName("AK"))
            .build(),
        command()
            .setChangeLimits(
                ChangeLimits.newBuilder()
                    .addEdits(LimitEdit.newBuilder().setName("robots").setValue(7)))
            .build(),
        command()
            .setActor("api-key/main")
            .setStartScan(StartScan.newBuilder().setId(1).setAudience(everyone()))
            .build(),
        command().setEndScan(EndScan.newBuilder().setId(1)).build(),
        TestNode.change(member("4", "vip"), member("5", "vip"), member("6", "vip")).toBuilder()
            .setActor("api-key/main")
            .build(),
        command()
            .setActor("api-key/main")
            .setRemoveTag(RemoveTag.newBuilder().setName("vip").setId(2).setPortion(1))
            .build(),
        command().setTidyTag(TidyTag.newBuilder().setId(2).setPortion(1)).build(),
        TestNode.change(
            MemberChange.newBuilder()
                .setId("4")
                .setIfVersion(1)
                .setUpdate(MemberEdit.newBuilder().setNickName("Four"))),
        command().setChangeApp(ChangeApp.newBuilder().setDisabled(true)).build(),
        command()
            .setChangeLimits(
                ChangeLimits.newBuilder()
                    .addEdits(LimitEdit.newBuilder().setName("unreachedSeconds").setValue(1)))
            .build(),
        command()
            .setAddWebhook(
                AddWebhook.newBuilder()
                    .setId("w")
                    .setUrl("https://example.com/")
                    .setSecret("whsec_")
                    .addAllEvents(List.of(EventKind.LIFE, EventKind.UNREACHED)))
            .build(),
        send("told", 0, 0),
        command().setFixUnreached(FixUnreached.newBuilder().setBroadcast(TOLD)).build(),
        command().setPassWebhook(PassWebhook.newBuilder().setId("w").setOffset(TOLD)).build(),
        command().setRemoveWebhook(RemoveWebhook.newBuilder().setId("w")).build(),
        command()
            .setChangeLimits(
                ChangeLimits.newBuilder()
                    .addEdits(LimitEdit.newBuilder().setName("receiptSeconds").setValue(1)))
            .build(),
        send("undone", 0, START + 1_000_000),
        command().setCancel(Cancel.newBuilder().setBroadcast(UNDONE)).build(),
        TestNode.purge(0),
        TestNode.purge(1_000),
        command()
            .setAddWebhook(
                AddWebhook.newBuilder()
                    .setId("callback")
                    .setUrl("https://example.com/")
                    .addEvents(EventKind.RECEIPT)
                    .setFormat(WebhookFormat.TENCENT_WEBHOOK)
                    .setToken("t"))
            .build(),
        command()
            .setSetAttributeNames(
                SetAttributeNames.newBuilder()
                    .addChanges(
                        SlotName.newBuilder()
                            .setSlot(9)
                            .setName("device")
                            .setAccountType(AccountType.REGISTRATION_ID)))
            .build(),
        command()
            .setActor("admin")
            .setNoteBackup(
                NoteBackup.newBuilder()
                    .setId("bk-1")
                    .setDirectory("/backups")
                    .setOffset(41)
                    .setTime(START)
                    .setBytes(9)
                    .setNewBytes(8)
                    .setStarted(START))
            .build(),
        command().setActor("restore").setOpenEpoch(OpenEpoch.newBuilder().setId("2abcdef")).build(),
        Command.newBuilder().setTick(Tick.getDefaultInstance()).build(),
        command()
            .setActor("admin")
            .setEndConnection(EndConnection.newBuilder().setId("k3Tq9ab2Xw4c.7.1"))
            .build(),
        Command.newBuilder().setMark(Mark.newBuilder().setOffset(40)).build(),
        command()
            .setActor("node")
            .setBeginFromBackup(
                BeginFromBackup.newBuilder()
                    .setBackup("00ff")
                    .setOffset(53)
                    .setCloses("2abcdef")
                    .setEpoch("3abcdef"))
            .build());
  }

  private static AudienceNode everyone() {
    return AudienceSchema.encode(new Audience.Everyone());
  }

  private static AppKey.Builder accessKey() {
    return AppKey.newBuilder()
        .setKind(AppKey.Kind.VOLCENGINE_ACCESS_KEY)
        .setName("AK2")
        .setSecret("SK2")
        .setSessionToken("token");
  }

  private static Command.Builder command() {
    return Command.newBuilder().setApp(TestNode.APP);
  }

  private static MemberChange.Builder member(String id, String... tags) {
    return MemberChange.newBuilder()
        .setId(id)
        .setRegister(
            MemberEdit.newBuilder()
                .setNickName("Nick " + id)
                .setPortrait("http://example.com/" + id)
                .setTags(Tags.newBuilder().addAllNames(Arrays.asList(tags)))
                .setExt(
                    Ext.newBuilder().addEntries(ExtEntry.newBuilder().setKey("k").setValue("v"))));
  }

  private static Command send(String id, int pace, long startAt) {
    Audience audience =
        new Audience.Or(
            List.of(
                new Audience.Tag("vip"),
                new Audience.And(
                    List.of(new Audience.Everyone(), new Audience.Attribute("city", "ny")))));
    return command()
        .setStartBroadcast(
            StartBroadcast.newBuilder()
                .setId(id)
                .setSender("10001")
                .setFormat(Format.NATIVE)
                .setMessage(ByteString.copyFromUtf8("{\"body\":1}"))
                .setLifetimeSeconds(10)
                .setAudience(AudienceSchema.encode(audience))
                .setPace(pace)
                .setStartAt(startAt)
                .setPivot(1)
                .addDuplicateKeys(
                    DuplicateKey.newBuilder()
                        .setKind(DuplicateKey.Kind.IDEMPOTENCY)
                        .setKey(ByteString.copyFromUtf8(id))
                        .setBody(ByteString.copyFromUtf8("body"))))
        .build();
  }

  private static Command receipts(long broadcast, int... ordinals) {
    ByteString bits = ByteString.copyFrom(BitmapBytes.serialize(RoaringBitmap.bitmapOf(ordinals)));
    return command()
        .setReceipts(
            Receipts.newBuilder()
                .addChunks(
                    ReceiptChunk.newBuilder()
                        .setBroadcast(broadcast)
                        .setReached(bits)
                        .setDelivered(bits)
                        .setRead(bits)))
        .build();
  }
}
