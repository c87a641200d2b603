using FullStack.Auth.Backends;
using FullStack.Store.Places;

namespace FullStack.Server.Hosting;

/// <summary>Where a directory says that an account's Maildir is: its home, and the field that Dovecot and Courier call <c>mail</c>.</summary>
internal static class MailLocation
{
    private const string MaildirDriver = "maildir:", HomePrefix = "~/", HomeVariable = "%h/";

    /// <summary>The place that an account's fields name.</summary>
    /// <param name="user">The account.</param>
    /// <param name="usual">The Maildir's path in a home for which nothing is said.</param>
    /// <exception cref="FormatException">The field <c>mail</c> names something that is not served here.</exception>
    public static WantedPlace Of(DirectoryUser user, string usual)
    {
        string? mail = user.Mail is { } text && IsLocation(text) ? PathIn(text) : null;
        if (mail is null || mail.Length == 0)
            return user.Home is { } known ? new(true, known, usual) : WantedPlace.BelowRoot;
        if (mail.StartsWith(HomePrefix, StringComparison.Ordinal) || mail.StartsWith(HomeVariable, StringComparison.Ordinal))
            mail = mail[HomePrefix.Length..].TrimStart('/');
        if (mail[0] != '/')
            return user.Home is { } home ? new(true, home, mail.TrimEnd('/')) : throw new FormatException($"mail={user.Mail} is within a home, and there is none");
        mail = Path.TrimEndingDirectorySeparator(mail);
        if (user.Home is { } around && mail.StartsWith(around + "/", StringComparison.Ordinal))
            return new(true, around, mail[(around.Length + 1)..]);
        return new(true, Path.GetDirectoryName(mail) ?? "/", Path.GetFileName(mail));
    }

    /// <summary>In many directories the field of this name has the account's address.</summary>
    private static bool IsLocation(string text) => text[0] is '/' or '~' || text.Contains(":/", StringComparison.Ordinal) || text.Contains(":~", StringComparison.Ordinal)
        || text.Contains(":%", StringComparison.Ordinal) || text.StartsWith(MaildirDriver, StringComparison.OrdinalIgnoreCase) || !text.Contains('@', StringComparison.Ordinal);

    private static string PathIn(string text)
    {
        bool namesDriver = text[0] is not ('/' or '~') && text.Contains(':', StringComparison.Ordinal);
        if (namesDriver && !text.StartsWith(MaildirDriver, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"mail={text} is no Maildir");
        string[] parts = (namesDriver ? text[MaildirDriver.Length..] : text).Split(':');
        foreach (string option in parts.AsSpan(1))
        {
            // Where Dovecot's indexes are does not matter; where its lists of UIDs are does, and how folders are named.
            if (!option.StartsWith("INDEX", StringComparison.OrdinalIgnoreCase) && !option.Equals("LAYOUT=maildir++", StringComparison.OrdinalIgnoreCase))
                throw new FormatException($"mail={text} has the option {option}, which is not known here");
        }

        return parts[0];
    }
}
