using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Server.Configuration;

namespace FullStack.Server.Cli;

/// <summary>The options by which `user quota` and `domain quota` set limits.</summary>
internal sealed class QuotaOptions
{
    private const string Default = "default";

    private readonly Option<string?> _storage = new("--storage")
    {
        Description = "How much mail may be kept: a size such as 5GiB, unlimited, or default (what the configuration says).",
        HelpName = "SIZE",
    };

    private readonly Option<string?> _messages = new("--messages")
    {
        Description = "How many messages may be kept: a number, unlimited, or default.",
        HelpName = "N",
    };

    private readonly Option<string?> _mailboxes = new("--mailboxes")
    {
        Description = "How many mailboxes an account may have: a number, unlimited, or default.",
        HelpName = "N",
    };

    private readonly Option<bool> _none = new("--none") { Description = "No limit at all." };
    private readonly Option<bool> _default = new("--default") { Description = "What the configuration says." };

    /// <param name="command">The command.</param>
    /// <param name="ofAccount">Whether the quota is an account's: a domain has none of mailboxes.</param>
    public void AddTo(Command command, bool ofAccount)
    {
        foreach (Option option in (Option[])[_storage, _messages, _none, _default])
            command.Add(option);
        if (ofAccount)
            command.Add(_mailboxes);
    }

    /// <summary>The quota with what the command line changes; null where it changes nothing.</summary>
    /// <exception cref="CommandFailedException">A value is none, or two options contradict each other.</exception>
    public DirectoryQuota? Change(ParseResult line, DirectoryQuota present)
    {
        (string? storage, string? messages, string? mailboxes) = (line.GetValue(_storage), line.GetValue(_messages), line.GetValue(_mailboxes));
        (bool none, bool byDefault) = (line.GetValue(_none), line.GetValue(_default));
        if (none && byDefault || (none || byDefault) && (storage ?? messages ?? mailboxes) is not null)
            throw new CommandFailedException(ExitCode.Usage, "give --none, or --default, or limits");
        if (none || byDefault)
            return none ? DirectoryQuota.None : DirectoryQuota.Default;
        if ((storage ?? messages ?? mailboxes) is null)
            return null;
        return new DirectoryQuota(
            storage is null ? present.Octets : Read("--storage", storage, ValueForms.SizeLimit),
            messages is null ? present.Messages : Read("--messages", messages, ValueForms.CountLimit),
            mailboxes is null ? present.Mailboxes : Read("--mailboxes", mailboxes, ValueForms.CountLimit));
    }

    private static long? Read(string option, string text, ValueForm<long> form)
    {
        if (text == Default)
            return null;
        return form.TryParse(text, out long value)
            ? value
            : throw new CommandFailedException(ExitCode.Usage, $"{option}: expected {form.Expected}, or default; found {text}");
    }
}
