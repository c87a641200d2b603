using FullStack.Harness.Transcripts;

namespace FullStack.Conformance.Player;

/// <summary>A transcript that does not agree with the server fails, and says where and why.</summary>
public sealed class TranscriptPlayerTests
{
    [Theory]
    [InlineData("C: STAT\nS: +OK 1 *\n", "pop3/x.txt:2 ", "expected: +OK 1 *")]
    [InlineData("C: STAT\n", "pop3/x.txt:start or end ", "nothing more on connection 1")]
    [InlineData("C: QUIT\nS: +OK *\nS: +OK *\n", "pop3/x.txt:3 ", "(the server closed)")]
    [InlineData("needs: FLYING\nC: NOOP\nS: +OK *\n", "pop3/x.txt:start or end ", "the server offers FLYING")]
    [InlineData("C: NOOP\n@logged *no such line*\nS: +OK *\n", "pop3/x.txt:2 ", "a log line *no such line*")]
    [InlineData("C: CAPA\nS{\n+OK *\nNOSUCH\n}S\n", "pop3/x.txt:2 ", "in any order: +OK * | NOSUCH")]
    public async Task A_disagreement_is_named_by_line(string text, string place, string problem)
    {
        Transcript transcript = Transcript.Parse("pop3/x.txt", text);
        TranscriptFailureException e = await Assert.ThrowsAsync<TranscriptFailureException>(
            () => TranscriptPlayer.PlayAsync(transcript, Cutting.Whole, seed: 1, ct: TestContext.Current.CancellationToken));
        Assert.Contains(place, e.Message, StringComparison.Ordinal);
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.Contains("dialogue:", e.Message, StringComparison.Ordinal);
    }
}
