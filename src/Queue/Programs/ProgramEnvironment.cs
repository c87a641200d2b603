using System.Globalization;
using System.Text;
using FullStack.Smtp;
using FullStack.Store.Mbox;

namespace FullStack.Queue.Programs;

/// <summary>All that a program finds in its environment, by the names that Postfix, sendmail and Courier give it.</summary>
internal static class ProgramEnvironment
{
    private const string SearchPath = "/usr/local/bin:/usr/bin:/bin";
    private const string NoHome = "/";

    /// <param name="action">What is run.</param>
    /// <param name="sender">The sender.</param>
    /// <param name="id">The message.</param>
    /// <param name="arrived">When it came.</param>
    public static IReadOnlyDictionary<string, string> Of(LocalAction action, ReversePath sender, QueueId id, DateTimeOffset arrived)
    {
        int at = action.Recipient.LastIndexOf('@');
        (string local, string domain) = (action.Recipient[..at], action.Recipient[(at + 1)..]);
        string extension = action.Extension ?? "";
        string from = sender.Address?.ToString() ?? "";
        string user = action.Account is { } account ? account[..account.LastIndexOf('@')] : local;
        Dictionary<string, string> variables = new()
        {
            ["PATH"] = SearchPath,
            ["SHELL"] = "/bin/sh",
            ["LANG"] = "C",
            ["HOME"] = action.Home ?? NoHome,
            ["USER"] = user,
            ["LOGNAME"] = user,
            ["SENDER"] = from,
            ["RECIPIENT"] = action.Recipient,
            ["ORIGINAL_RECIPIENT"] = action.Recipient,
            ["LOCAL"] = local,
            ["DOMAIN"] = domain,
            ["HOST"] = domain,
            ["EXTENSION"] = extension,
            ["EXT"] = extension,
            ["QUEUE_ID"] = id.ToString(),
            ["UFLINE"] = Encoding.ASCII.GetString(FromLine.Format(from, arrived)).TrimEnd('\n'),
            ["RPLINE"] = $"Return-Path: {sender}",
            ["DTLINE"] = $"Delivered-To: {action.Recipient}",
        };
        if (action.Default is { } rest)
            variables["DEFAULT"] = rest;
        string behind = extension;
        for (int part = 2; part <= 4; part++)
        {
            int dash = behind.IndexOfAny(['-', '+']);
            behind = dash < 0 ? "" : behind[(dash + 1)..];
            if (behind.Length > 0)
                variables[string.Create(CultureInfo.InvariantCulture, $"EXT{part}")] = behind;
        }

        foreach ((string name, string value) in variables)
            variables[name] = value.Contains('\0') ? "" : value;
        return variables;
    }
}
