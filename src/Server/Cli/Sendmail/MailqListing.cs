using System.Globalization;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>The queue in the form that people and scripts know from mailq.</summary>
/// <remarks>A star behind an id: an attempt runs or may run now; an exclamation mark: the message is held.</remarks>
internal static class MailqListing
{
    private const int ReasonWidth = 130;

    public static int Print(ServerConfiguration configuration, Terminal terminal)
    {
        RequireRights(configuration);
        using QueueBook book = QueueBook.OpenToRead(configuration.QueueFolder);
        DateTimeOffset now = terminal.Time.GetUtcNow();
        long octets = 0;
        int messages = 0;
        foreach ((QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients) in book.List())
        {
            if (messages++ == 0)
                terminal.Output.WriteLine("-Queue ID-    --Size-- ----Arrival Time---- -Sender/Recipient-------");
            octets += message.Octets;
            char state = message.IsHeld ? '!' : recipients.Any(one => one.Due is null || one.Due <= now) ? '*' : ' ';
            string sender = message.Envelope.Sender.Address?.ToString() ?? "MAILER-DAEMON";
            terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{message.Id}{state} {message.Octets,9} {message.Arrived.ToLocalTime():ddd MMM dd HH:mm:ss}  {sender}"));
            foreach (IGrouping<string, QueuedRecipient> group in recipients.GroupBy(ReasonOf))
            {
                if (group.Key.Length > 0)
                    terminal.Output.WriteLine($"({(group.Key.Length > ReasonWidth ? group.Key[..ReasonWidth] : group.Key)})".PadLeft(60));
                foreach (QueuedRecipient recipient in group)
                    terminal.Output.WriteLine($"{"",44}{recipient.Path.Address}");
            }

            terminal.Output.WriteLine();
        }

        long kilobytes = (octets + 1023) / 1024;
        terminal.Output.WriteLine(messages == 0 ? "Mail queue is empty" : string.Create(CultureInfo.InvariantCulture, $"-- {kilobytes} Kbytes in {messages} Request{(messages == 1 ? "" : "s")}."));
        return ExitCode.Ok;
    }

    /// <summary>Has what waits tried now.</summary>
    /// <param name="configuration">Whose queue.</param>
    /// <param name="which">A queue id or a domain; null: all.</param>
    public static int Flush(ServerConfiguration configuration, string? which)
    {
        RequireRights(configuration);
        using QueueBook book = QueueBook.OpenToRead(configuration.QueueFolder);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        IReadOnlyList<QueueId> ids = which is null ? book.Select(new())
            : QueueId.TryParse(which.ToUpperInvariant(), out QueueId id) ? [id] : book.Select(new(Domain: which));
        book.Flush(ids, future: false, now);
        return ExitCode.Ok;
    }

    /// <summary>The queue is the server's own and nobody else's to read: others would see an empty one.</summary>
    private static void RequireRights(ServerConfiguration configuration)
    {
        if (Directory.Exists(configuration.Data))
            Directory.EnumerateFileSystemEntries(configuration.Data).Any();
        else
            throw new CommandFailedException(ExitCode.NotPermitted, $"{configuration.Data} is not there, or not for you to see");
    }

    private static string ReasonOf(QueuedRecipient recipient)
        => recipient.Last is not { } last ? "" : $"{(recipient.LastHost is { } host ? $"host {host} said: " : "")}{last.Code} {last.Status} {last.Text}";
}
