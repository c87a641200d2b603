using System.Globalization;
using System.Text;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Notices;

/// <summary>The parts of a notice but for what it returns of the message.</summary>
/// <remarks>RFC 3464; multipart/report RFC 6522; with addresses in UTF-8 RFC 6533 §4.</remarks>
internal sealed class NoticeText(QueuedMessage message, IReadOnlyList<NoticeLine> lines, string hostName)
{
    private const int FoldAt = 76;

    private readonly bool _utf8 = message.Envelope.SmtpUtf8;

    /// <summary>The header, up to and with the empty line.</summary>
    /// <param name="id">The notice's own id.</param>
    /// <param name="boundary">What stands between its parts.</param>
    /// <param name="now">The time.</param>
    /// <param name="copyTo">Who gets it instead of the message's sender; null: the sender does.</param>
    public string Header(QueueId id, string boundary, DateTimeOffset now, MailboxAddress? copyTo)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"Date: {Date(now)}\r\nFrom: Mail Delivery System <MAILER-DAEMON@{hostName}>\r\n");
        text.Append(CultureInfo.InvariantCulture, $"To: <{copyTo ?? message.Envelope.Sender.Address!}>\r\nSubject: {(copyTo is null ? "" : "Copy of a notice: ")}{Subject}\r\nMessage-ID: <{id}@{hostName}>\r\n");
        text.Append("Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"); // RFC 3834 §5
        text.Append(CultureInfo.InvariantCulture, $"Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"{boundary}\"\r\n");
        return text.Append("Content-Transfer-Encoding: 8bit\r\n\r\n").ToString();
    }

    /// <summary>What people read.</summary>
    public string ForPeople()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"This is the mail system at {hostName}.\r\n");
        foreach (IGrouping<NoticeAction, NoticeLine> group in lines.GroupBy(static line => line.Action).OrderBy(static group => group.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"\r\n{SentenceOf(group.Key, group.Max(static line => line.Until))}\r\n");
            foreach (NoticeLine line in group)
            {
                text.Append(CultureInfo.InvariantCulture, $"\r\n  {line.Recipient.Path}\r\n");
                if (line.Said is { } said)
                    text.Append(Folded($"{line.Host ?? hostName} says: {said.Code} {said.Status} {said.Text}", "    ")).Append("\r\n");
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"\r\nThe message came on {Date(message.Arrived)} and is known here as {message.Id}.\r\n");
        return text.ToString();
    }

    /// <summary>What programs read.</summary>
    public string ForPrograms(DateTimeOffset now)
    {
        StringBuilder text = new();
        if (message.Envelope.Dsn.EnvelopeId is { } envelopeId)
            Field(text, "Original-Envelope-Id", envelopeId);
        Field(text, "Reporting-MTA", $"dns; {hostName}");
        Field(text, "Arrival-Date", Date(message.Arrived));
        if (message.Envelope.HoldRequest is { } hold)
            Field(text, "Future-Release-Request", hold);
        foreach (NoticeLine line in lines)
        {
            text.Append("\r\n");
            if (line.Recipient.Dsn.Original is { } original)
                Field(text, "Original-Recipient", $"{original.AddressType}; {original.Address}");
            MailboxAddress address = line.Recipient.Path.Address;
            Field(text, "Final-Recipient", $"{(_utf8 && !address.IsAscii ? "utf-8" : "rfc822")}; {address}");
            Field(text, "Action", line.Action.ToString().ToLowerInvariant());
            Field(text, "Status", line.Status.ToString());
            if (line.Host is not null)
                Field(text, "Remote-MTA", $"dns; {line.Host}");
            if (line.Said is { } said && line.Host is not null)
                Field(text, "Diagnostic-Code", $"smtp; {said.Code} {said.Status} {said.Text}");
            else if (line.Said is { } own)
                Field(text, "Diagnostic-Code", $"x-fullstack; {own.Text}");
            Field(text, "Last-Attempt-Date", Date(line.Recipient.LastTried ?? now));
            if (line.Until is { } until)
                Field(text, "Will-Retry-Until", Date(until));
        }

        return text.ToString();
    }

    private string Subject => lines.Min(static line => line.Action) switch
    {
        NoticeAction.Failed => "Your message could not be delivered",
        NoticeAction.Delayed => "Your message is late, it is still being tried",
        _ => "Your message has been passed on",
    };

    private static string SentenceOf(NoticeAction action, DateTimeOffset? until) => action switch
    {
        NoticeAction.Failed => "Your message could not be delivered to the following, and will not be tried again:",
        NoticeAction.Delayed => $"Your message has not been delivered to the following yet. You need not send it again:\r\nit will be tried until {Date(until!.Value)}.",
        NoticeAction.Delivered => "Your message is in the mailboxes of:",
        NoticeAction.Expanded => "Your message has been passed on to all who get mail for the following, and nothing more will be said of them:",
        _ => "Your message has been passed on to a host that will not say whether it delivered it to:",
    };

    private static void Field(StringBuilder text, string name, string value) => text.Append(Folded($"{name}: {value}", "")).Append("\r\n");

    /// <summary>Breaks a long line at spaces, so that its other lines begin with one.</summary>
    private static string Folded(string line, string indent)
    {
        StringBuilder folded = new(indent);
        string rest = Printable(line);
        while (rest.Length > FoldAt && rest.LastIndexOf(' ', FoldAt - 1, FoldAt / 2) is var space and > 0)
        {
            folded.Append(rest.AsSpan(0, space)).Append("\r\n").Append(indent).Append(' ');
            rest = rest[(space + 1)..];
        }

        return folded.Append(rest).ToString();
    }

    /// <summary>Whatever a host said stands in one line.</summary>
    private static string Printable(string text) => text.Any(char.IsControl) ? new([.. text.Select(static c => char.IsControl(c) ? '?' : c)]) : text;

    private static string Date(DateTimeOffset time) => time.ToUniversalTime().ToString("ddd, d MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);
}
