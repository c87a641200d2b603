using System.Text;

namespace FullStack.Crash;

/// <summary>Looks at a Maildir as any other program sees it.</summary>
internal static class MaildirInspection
{
    /// <summary>The Message-IDs of all messages in new/ and cur/.</summary>
    /// <param name="problems">Files there that are no whole message, and what lies beside the folders that belong there.</param>
    public static IReadOnlyList<string> Read(string maildir, Ledger ledger, List<string> problems)
    {
        List<string> ids = [];
        foreach (string file in Directory.EnumerateFiles(Path.Combine(maildir, "new")).Concat(Directory.EnumerateFiles(Path.Combine(maildir, "cur"))))
        {
            string text = File.ReadAllText(file, Encoding.Latin1);
            string? id = text.Split('\n').FirstOrDefault(static line => line.StartsWith("Message-ID: <", StringComparison.Ordinal));
            Consignment? message = id is null ? null : ledger.Find(id["Message-ID: <".Length..].TrimEnd('>'));
            if (message is null)
                problems.Add($"{file} is no message that was sent");
            else if (!text.EndsWith(message.Text.Replace("\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal))
                problems.Add($"{file} is not the message as it was sent");
            else
                ids.Add(message.Id);
        }

        return ids;
    }
}
