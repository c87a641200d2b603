using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness.Transcripts;

namespace FullStack.Fuzz;

/// <summary>What the clients of all transcripts of a protocol say: each dialogue, and each step of it, is a seed.</summary>
internal static partial class TranscriptSeeds
{
    public static IReadOnlyList<byte[]> Of(string protocol)
    {
        List<byte[]> seeds = [];
        foreach (Transcript transcript in Transcript.Files(protocol).Select(Transcript.Load))
        {
            string[] sent = [.. transcript.Steps.OfType<TranscriptStep.Send>().Select(static step => Variable().Replace(step.Text, "1"))];
            if (sent.Length == 0)
                continue;
            seeds.Add(Encoding.Latin1.GetBytes(string.Concat(sent)));
            seeds.AddRange(sent.Where(static text => text.Length > 2).Select(Encoding.Latin1.GetBytes));
        }

        return seeds;
    }

    [GeneratedRegex(@"\$\{[^}]*\}")]
    private static partial Regex Variable();
}
