using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Mailboxes;
using FullStack.Store.Outside;
using FullStack.Store.Posix;
using FullStack.Unit.Store;
using FullStack.Unit.Store.Faults;

namespace FullStack.Unit.Queue;

/// <summary>Cuts the power at every effect of a delivery to a file outside the store; the next delivery finds the message whole, or nothing of it.</summary>
public sealed class OutsidePowerCutTests
{
    private const int Seed = 20261122;

    /// <summary>Disks of one kind that are tried at most, chosen at random where there are more.</summary>
    private const int MostDisks = 150;

    private static readonly DateTimeOffset s_arrived = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("box")]
    [InlineData("box/")]
    public async Task A_message_is_there_whole_or_not_at_all(string name)
    {
        Journal journal = new();
        string root = World.NewRoot(); // each disk is tried here, for intents are kept under the file's path
        int begun, acknowledged;
        JournalFiles files = new(new PosixFiles(SyncMode.None), root, journal);
        await using (QueueRig rig = new(files: files, root: root))
        {
            MakeFolders(files, root, name);
            await DeliverAsync(rig, root, name, "first");
            begun = journal.Count;
            await DeliverAsync(rig, root, name, "second");
            acknowledged = journal.Count;
        }

        List<(DiskImage Image, int At)> cuts = [];
        HashSet<string> seen = [];
        for (int at = acknowledged; at >= begun; at--)
            cuts.AddRange(journal.Outcomes(at, Seed + at).Where(image => seen.Add(image.Digest)).Select(image => (image, at)));
        (DiskImage Image, int At)[] chosen = cuts.Count <= MostDisks ? [.. cuts] : new Random(Seed).GetItems(cuts.ToArray(), MostDisks);
        Assert.True(chosen.Length > 5, $"only {chosen.Length} disks: the test tests nothing");
        foreach ((DiskImage image, int at) in chosen)
        {
            if (Directory.Exists(root))
                Directory.Delete(root, recursive: true);
            Directory.CreateDirectory(root);
            image.WriteTo(root, IndexState.Lost);
            await using QueueRig rig = new(root: root);
            rig.Time.Advance(TimeSpan.FromHours(1)); // a start takes a while, so that new ids are above those of before
            await DeliverAsync(rig, root, name, "third");
            string[] found = [.. Found(root, name)];
            bool isGood = found.SequenceEqual(["first", "second", "third"]) || (at < acknowledged && found.SequenceEqual(["first", "third"]));
            Assert.True(isGood, $"cut at {at} of {begun} to {acknowledged}: found {string.Join(", ", found)} of\n{image}");
        }
    }

    private static void MakeFolders(JournalFiles files, string root, string name)
    {
        FilePath outside = FilePath.Of(Path.Combine(root, "outside"));
        Assert.Equal(FileError.None, files.MakeDirectory(outside));
        if (name.EndsWith('/'))
        {
            foreach (string folder in (string[])["box", "box/tmp", "box/new", "box/cur"])
                Assert.Equal(FileError.None, files.MakeDirectory(FilePath.Of(Path.Combine(root, "outside", folder))));
        }

        Assert.Equal(FileError.None, files.SyncFileSystem(outside));
    }

    private static async Task DeliverAsync(QueueRig rig, string root, string name, string subject)
    {
        await rig.Queue.OpenAsync();
        QueueId id = rig.QueueIds.Next();
        await using StagedMessage staged = await rig.Temp.StageAsync(TempStore.Mail(subject, "hello\r\nFrom here\r\n"));
        Assert.True((await rig.Queue.SpoolAsync(id, staged)).Ok);
        Result<MessageContent> opened = await rig.Queue.OpenAsync(id);
        await using MessageContent content = opened.Value;
        Result<Nothing> delivered = await rig.Temp.Store.DeliverOutsideAsync(content, 0, new(Path.Combine(root, "outside", name), "a@example.org", s_arrived, Owner: null));
        Assert.Equal(StoreError.None, delivered.Error);
        await rig.Queue.RemoveFileAsync(id);
    }

    /// <summary>The subjects of the messages that are whole; what is no such message is given as it is.</summary>
    private static IEnumerable<string> Found(string root, string name)
    {
        string path = Path.Combine(root, "outside", name);
        string[] texts = name.EndsWith('/')
            ? [.. Directory.GetFiles(path + "new").Select(File.ReadAllText)]
            : File.ReadAllText(path).Split("From a@example.org Mon Mar  2 10:00:00 2026\n", StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> subjects = texts.Select(text =>
        {
            string subject = text.Split('\n').FirstOrDefault(static line => line.StartsWith("Subject: ", StringComparison.Ordinal)) is { } line ? line[9..] : "";
            string body = name.EndsWith('/') ? "From here\n" : ">From here\n\n";
            return text == $"From: a@example.test\nSubject: {subject}\n\nhello\n{body}" ? subject : text;
        });
        return name.EndsWith('/') ? subjects.Order(StringComparer.Ordinal) : subjects;
    }
}
