using System.Text;
using FullStack.Harness.Clients;

namespace FullStack.Harness;

/// <summary>The messages of a Maildir while a server has it open: it moves them from new to cur when it gets to it, so what was listed may lie elsewhere when it is looked at.</summary>
public static class MaildirFiles
{
    /// <summary>The files of all messages in order of their names, each once. What is moved from new to cur meanwhile is found, for new is listed first.</summary>
    /// <param name="maildir">The folder that has new and cur; where it is not there, or has neither, there are no messages.</param>
    public static string[] In(string maildir)
        => [.. ((string[])["new", "cur"]).Select(part => Path.Combine(maildir, part)).Where(Directory.Exists).SelectMany(Directory.GetFiles)
            .Reverse().DistinctBy(BaseName).OrderBy(BaseName, StringComparer.Ordinal)];

    /// <summary>What is in the files of all messages, in order of their names.</summary>
    public static string[] Texts(string maildir, Encoding encoding)
    {
        while (true)
        {
            try
            {
                return [.. In(maildir).Select(file => File.ReadAllText(file, encoding))];
            }
            catch (FileNotFoundException)
            {
                // Moved, or given other flags, between the listing and the reading.
            }
        }
    }

    /// <summary>Waits until the server has moved all messages to cur, as it does for every mailbox that is opened to be written; from then on their files stay where they are.</summary>
    /// <returns>The files, in order of their names.</returns>
    public static async Task<string[]> SettledAsync(string maildir, CancellationToken ct)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(LineClient.Patience);
        while (Directory.EnumerateFiles(Path.Combine(maildir, "new")).Any())
            await Task.Delay(5, patience.Token);
        return In(maildir);
    }

    private static string BaseName(string file) => Path.GetFileName(file).Split(':')[0];
}
