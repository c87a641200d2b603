using System.Text.RegularExpressions;
using FullStack.Harness.Transcripts;

namespace FullStack.Conformance;

/// <summary>Every reply of every SMTP and LMTP transcript has an enhanced status code of its class.</summary>
/// <remarks>RFC 2034 §4: all but the greeting, the reply to HELO and EHLO, and those that only go on (3xx).</remarks>
public sealed partial class ReplyCodeTests
{
    [Theory]
    [InlineData("smtp")]
    [InlineData("lmtp")]
    public void Replies_have_enhanced_codes(string protocol)
    {
        List<string> found = [];
        int replies = 0;
        foreach (string file in Transcript.Files(protocol))
        {
            string asked = "";
            foreach (string line in File.ReadLines(Path.Combine(Transcript.Folder, file)))
            {
                if (Sent().Match(line) is { Success: true } sent)
                    asked = sent.Groups["text"].Value;
                if (Expected().Match(line) is not { Success: true } reply)
                    continue;
                bool isHello = asked.Length == 0 || asked.StartsWith("EHLO", StringComparison.OrdinalIgnoreCase) || asked.StartsWith("HELO", StringComparison.OrdinalIgnoreCase)
                    || asked.StartsWith("LHLO", StringComparison.OrdinalIgnoreCase);
                string text = reply.Groups["text"].Value;
                replies++;
                if (isHello || text[0] == '3' || text.StartsWith("220 ", StringComparison.Ordinal))
                    continue;
                if (!(text.Length > 5 && text[4] == text[0] && text[5] == '.'))
                    found.Add($"{file}: {line}");
            }
        }

        Assert.True(replies > 20);
        Assert.Equal([], found);
    }

    [GeneratedRegex(@"^C\d?(?::|<<) (?<text>.*)$")]
    private static partial Regex Sent();

    [GeneratedRegex(@"^S\d?: (?<text>\d{3}[ -].*)$")]
    private static partial Regex Expected();
}
