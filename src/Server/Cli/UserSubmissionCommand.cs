using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Server.Configuration;

namespace FullStack.Server.Cli;

/// <summary>fullstack user submission: what holds for one account that sends mail.</summary>
internal static class UserSubmissionCommand
{
    private const string Default = "default";

    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> address = UserCommand.AddressArgument();
        Option<string?> size = new("--message-size")
        {
            Description = "The largest message that the account may send: a size such as 10MiB, or default. Never more than smtp.message_size_limit.", HelpName = "SIZE",
        };
        Option<string?> copy = new("--sent-copy")
        {
            Description = "Whether a copy of what it sends is put into its mailbox for sent mail: on, off, or default (submission.sent_copy).", HelpName = "WHICH",
        };
        Command command = new("submission", "Set what holds for the mail that an account sends; without options, show it.") { address, size, copy };
        command.SetAction(line =>
        {
            string name = line.GetRequiredValue(address);
            using AccountDirectory directory = options.OpenDirectory(line, terminal);
            if (directory.FindUser(name) is not { } user)
                throw new CommandFailedException(ExitCode.NotFound, DirectoryOutcomes.Sentence(DirectoryOutcome.NotFound, name));
            DirectorySubmission present = directory.FindSubmission(name);
            DirectorySubmission changed = new(
                line.GetValue(size) is { } octets ? ReadSize(octets) : present.MessageOctets, line.GetValue(copy) is { } which ? ReadCopy(which) : present.SentCopy);
            if (changed != present)
                directory.SetSubmission(name, changed).Require(name);
            terminal.Output.WriteLine($"{user.Address} may send messages of {(changed.MessageOctets is { } most ? Quantity.FormatSize(most) : "the configured size")}");
            terminal.Output.WriteLine($"{user.Address} gets copies of them: {(changed.SentCopy is { } wanted ? wanted ? "yes" : "no" : "as configured")}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static long? ReadSize(string text)
    {
        if (text == Default)
            return null;
        return Quantity.TryParseSize(text, out long value) && value > 0
            ? value
            : throw new CommandFailedException(ExitCode.Usage, $"--message-size: expected a size such as 10MiB, or default; found {text}");
    }

    private static bool? ReadCopy(string text) => text switch
    {
        "on" => true,
        "off" => false,
        Default => null,
        _ => throw new CommandFailedException(ExitCode.Usage, $"--sent-copy: expected on, off or default; found {text}"),
    };
}
