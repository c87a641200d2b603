using System.Globalization;
using FullStack.Store.Import;

namespace FullStack.Server.Cli;

/// <summary>Prints what an import did, or would do.</summary>
internal static class ImportPrinter
{
    public static void Print(TextWriter output, IReadOnlyList<ImportReport> reports, bool json)
    {
        if (json)
            PrintJson(output, reports);
        else
            PrintText(output, reports);
    }

    private static void PrintJson(TextWriter output, IReadOnlyList<ImportReport> reports)
    {
        Listing listing = new(
            "account", "source", "outcome", "server", "mailboxes", "messages", "octets", "uids", "keywords", "subscriptions", "access_lists", "uidls", "left");
        foreach (ImportReport report in reports)
        {
            listing.Add(
                report.Account.ToString(), report.Source, report.Outcome.ToString().ToLowerInvariant(), ServerOf(report), report.Mailboxes, report.Messages, report.Octets,
                report.Uids, report.Keywords, report.Subscriptions, report.AccessLists, report.Uidls, report.Left);
        }

        listing.Print(output, json: true);
    }

    private static void PrintText(TextWriter output, IReadOnlyList<ImportReport> reports)
    {
        foreach (ImportReport report in reports)
        {
            output.WriteLine($"{report.Account}: {OutcomeOf(report)} {report.Source}{(ServerOf(report) is { } server ? $" ({server})" : "")}");
            if (report.Messages > 0 || report.Outcome != ImportOutcome.Refused)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {report.Mailboxes} mailboxes, {report.Messages} messages, {report.Octets} octets"));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"  kept: {report.Uids} UIDs, keywords of {report.Keywords} messages, {report.Subscriptions} subscriptions, {report.AccessLists} access lists, {report.Uidls} POP3 names"));
            }

            foreach (string left in report.Left)
                output.WriteLine($"  left: {left}");
        }

        int refused = reports.Count(static report => report.Outcome == ImportOutcome.Refused);
        ImportReport[] taken = [.. reports.Where(static report => report.Outcome != ImportOutcome.Refused)];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{taken.Length} accounts, {taken.Sum(static r => (long)r.Messages)} messages, {taken.Sum(static r => r.Octets)} octets; {refused} accounts refused"));
    }

    private static string OutcomeOf(ImportReport report) => report.Outcome switch
    {
        ImportOutcome.Planned => "would be imported from",
        ImportOutcome.Imported => "imported from",
        ImportOutcome.InPlace => "taken over in its place,",
        ImportOutcome.Before => "was imported before from",
        ImportOutcome.Refused => "NOT imported from",
        _ => throw new ArgumentOutOfRangeException(nameof(report)),
    };

    private static string? ServerOf(ImportReport report) => report.Server is "Courier" or "Dovecot" ? report.Server : null;
}
