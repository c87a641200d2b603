using System.Text;

namespace FullStack.Crash;

/// <summary>Looks at an mbox as a simple program sees it: a message begins with a From_ line at the start or after an empty line.</summary>
internal static class MboxInspection
{
    /// <summary>The Message-IDs of all messages in the file.</summary>
    /// <param name="problems">What there is in it that is no whole message.</param>
    public static IReadOnlyList<string> Read(string mbox, Ledger ledger, List<string> problems)
    {
        List<string> ids = [];
        string file = File.ReadAllText(mbox, Encoding.Latin1);
        if (file.Length > 0 && !(file.StartsWith("From ", StringComparison.Ordinal) && file.EndsWith("\n\n", StringComparison.Ordinal)))
            problems.Add($"{mbox} does not begin with a From_ line and end with an empty one");
        foreach (string text in $"\n\n{file.TrimEnd('\n')}".Split("\n\nFrom ").Skip(1))
        {
            string? id = text.Split('\n').FirstOrDefault(static line => line.StartsWith("Message-ID: <", StringComparison.Ordinal));
            Consignment? message = id is null ? null : ledger.Find(id["Message-ID: <".Length..].TrimEnd('>'));
            if (message is null)
                problems.Add($"{mbox} has what is no message that was sent: {text[..Math.Min(text.Length, 200)]}");
            else if (!IsWhole(text, message.Text.Replace("\r\n", "\n", StringComparison.Ordinal)))
                problems.Add($"{mbox} does not have {message.Id} as it was sent");
            else
                ids.Add(message.Id);
        }

        return ids;
    }

    /// <summary>Fields of ours stand before and behind those of the header.</summary>
    private static bool IsWhole(string text, string sent)
    {
        int end = sent.IndexOf("\n\n", StringComparison.Ordinal);
        return text.Contains(sent[..end], StringComparison.Ordinal) && text.EndsWith(sent[end..].TrimEnd('\n'), StringComparison.Ordinal)
            && text.IndexOf("\n\n", StringComparison.Ordinal) == text.Length - sent[end..].TrimEnd('\n').Length;
    }
}
