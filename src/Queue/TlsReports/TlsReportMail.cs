using System.Text;
using FullStack.Mime;
using FullStack.Smtp;

namespace FullStack.Queue.TlsReports;

/// <summary>A report as a message.</summary>
/// <remarks>RFC 8460 §5.3; <c>TLS-Required</c> RFC 8689 §5, for a report of broken TLS is to arrive over broken TLS.</remarks>
internal static class TlsReportMail
{
    private const int Base64Line = 76;

    /// <param name="report">The report.</param>
    /// <param name="to">Who gets it.</param>
    /// <param name="messageId">The message's own id.</param>
    /// <param name="boundary">What stands between its parts.</param>
    /// <param name="now">The time.</param>
    public static string Write(TlsReport report, MailboxAddress to, string messageId, string boundary, DateTimeOffset now)
    {
        StringBuilder text = new();
        text.Append(HeaderWriter.Date(now));
        text.Append(HeaderWriter.Field("From", $"<{report.From.Contact}>"));
        text.Append(HeaderWriter.Field("To", $"<{to}>"));
        text.Append(HeaderWriter.Field("Subject", $"Report Domain: {report.Subject} Submitter: {report.From.Domain} Report-ID: <{report.Id}>"));
        text.Append(HeaderWriter.Field("Message-ID", messageId));
        text.Append(HeaderWriter.Field("TLS-Report-Domain", report.Subject));
        text.Append(HeaderWriter.Field("TLS-Report-Submitter", report.From.Domain));
        text.Append(HeaderWriter.Field("TLS-Required", "No"));
        text.Append(HeaderWriter.Field("Auto-Submitted", "auto-generated")); // RFC 3834 §5
        text.Append(HeaderWriter.Field("MIME-Version", "1.0"));
        text.Append(HeaderWriter.Field("Content-Type", $"multipart/report; report-type=\"tlsrpt\"; boundary=\"{boundary}\""));
        text.Append("\r\n--").Append(boundary).Append("\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n");
        text.Append("This is an aggregate report of TLS from ").Append(report.From.Domain).Append(" about\r\nmail to ").Append(report.Subject)
            .Append(".\r\nReplies reach the people at ").Append(report.From.Contact).Append(".\r\n");
        text.Append("\r\n--").Append(boundary).Append("\r\nContent-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n");
        text.Append(HeaderWriter.Field("Content-Disposition", $"attachment; filename=\"{report.FileName}\"")).Append("\r\n");
        string encoded = Convert.ToBase64String(report.Compressed());
        for (int at = 0; at < encoded.Length; at += Base64Line)
            text.Append(encoded.AsSpan(at, Math.Min(Base64Line, encoded.Length - at))).Append("\r\n");
        return text.Append("\r\n--").Append(boundary).Append("--\r\n").ToString();
    }
}
