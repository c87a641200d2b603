using FullStack.Harness.Transcripts;

namespace FullStack.Conformance;

/// <summary>Plays every transcript of a protocol, each in every cutting. README.md here has the format.</summary>
public abstract class TranscriptTests
{
    /// <summary>A seed that is the same in every run, so that a failure is, too.</summary>
    private const int Seed = 20260302;

    protected static TheoryData<string> FilesOf(string protocol)
    {
        TheoryData<string> files = [];
        foreach (string file in Transcript.Files(protocol))
            files.Add(file);
        return files;
    }

    protected static async Task PlayAsync(string file)
    {
        Transcript transcript = Transcript.Load(file);
        foreach (Cutting cutting in Enum.GetValues<Cutting>())
            await TranscriptPlayer.PlayAsync(transcript, cutting, Seed, TestContext.Current.CancellationToken);
    }
}

public sealed class ImapTranscripts : TranscriptTests
{
    public static TheoryData<string> Files => FilesOf("imap");

    [Theory]
    [MemberData(nameof(Files))]
    public Task Imap(string file) => PlayAsync(file);
}

public sealed class SmtpTranscripts : TranscriptTests
{
    public static TheoryData<string> Files => FilesOf("smtp");

    [Theory]
    [MemberData(nameof(Files))]
    public Task Smtp(string file) => PlayAsync(file);
}

public sealed class Pop3Transcripts : TranscriptTests
{
    public static TheoryData<string> Files => FilesOf("pop3");

    [Theory]
    [MemberData(nameof(Files))]
    public Task Pop3(string file) => PlayAsync(file);
}
