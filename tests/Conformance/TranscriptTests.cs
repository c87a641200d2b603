using FullStack.Harness.Transcripts;
using FullStack.Store;

namespace FullStack.Conformance;

/// <summary>Plays every transcript of a protocol, each in every cutting. README.md here has the format.</summary>
public abstract class TranscriptTests
{
    /// <summary>A seed that is the same in every run, so that a failure is, too.</summary>
    private const int Seed = 20260302;

    /// <summary>Transcripts that cannot be played over mboxes, and why.</summary>
    private static readonly Dictionary<string, string> s_notOverMbox = new(StringComparer.Ordinal)
    {
        ["imap/multiappend.txt"] = "appends messages without an empty line behind the header, which no mbox can keep: it adds one (docs/limits.md)",
    };

    protected static TheoryData<string> FilesOf(string protocol)
    {
        TheoryData<string> files = [];
        foreach (string file in Transcript.Files(protocol))
            files.Add(file);
        return files;
    }

    protected static TheoryData<string> FilesOverMboxOf(string protocol)
    {
        TheoryData<string> files = [];
        foreach (string file in Transcript.Files(protocol).Where(static file => !s_notOverMbox.ContainsKey(file)))
            files.Add(file);
        return files;
    }

    protected static async Task PlayAsync(string file)
    {
        Transcript transcript = Transcript.Load(file);
        foreach (Cutting cutting in Enum.GetValues<Cutting>())
            await TranscriptPlayer.PlayAsync(transcript, cutting, Seed, ct: TestContext.Current.CancellationToken);
    }

    /// <summary>Plays it once over mboxes: how packets are cut has nothing to do with how mail is stored.</summary>
    protected static Task PlayOverMboxAsync(string file)
        => TranscriptPlayer.PlayAsync(Transcript.Load(file), Cutting.Whole, Seed, StoreFormat.Mbox, TestContext.Current.CancellationToken);
}

public sealed class ImapTranscripts : TranscriptTests
{
    public static TheoryData<string> Files => FilesOf("imap");
    public static TheoryData<string> FilesOverMbox => FilesOverMboxOf("imap");

    [Theory]
    [MemberData(nameof(Files))]
    public Task Imap_is_spoken_as_written(string file) => PlayAsync(file);

    [Theory]
    [MemberData(nameof(FilesOverMbox))]
    public Task Imap_over_mbox(string file) => PlayOverMboxAsync(file);
}

public sealed class SmtpTranscripts : TranscriptTests
{
    public static TheoryData<string> Files => FilesOf("smtp");

    [Theory]
    [MemberData(nameof(Files))]
    public Task Smtp_is_spoken_as_written(string file) => PlayAsync(file);
}

public sealed class LmtpTranscripts : TranscriptTests
{
    public static TheoryData<string> Files => FilesOf("lmtp");

    [Theory]
    [MemberData(nameof(Files))]
    public Task Lmtp_is_spoken_as_written(string file) => PlayAsync(file);
}

public sealed class Pop3Transcripts : TranscriptTests
{
    public static TheoryData<string> Files => FilesOf("pop3");
    public static TheoryData<string> FilesOverMbox => FilesOverMboxOf("pop3");

    [Theory]
    [MemberData(nameof(Files))]
    public Task Pop3_is_spoken_as_written(string file) => PlayAsync(file);

    [Theory]
    [MemberData(nameof(FilesOverMbox))]
    public Task Pop3_over_mbox(string file) => PlayOverMboxAsync(file);
}
