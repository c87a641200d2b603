using System.CommandLine;
using FullStack.Server.Cli;
using FullStack.Server.Configuration;

namespace FullStack.Unit.Server.Manuals;

/// <summary>The manual pages that say what the command line and the configuration say of themselves.</summary>
internal static class ManualPages
{
    /// <summary>fullstack(1): each command with its arguments and options.</summary>
    public static string OfCommands(RootCommand root)
    {
        ManualText page = new ManualText("fullstack", 1, "mail server: SMTP, IMAP and POP3")
            .Section("SYNOPSIS").Paragraph("fullstack COMMAND [ARGUMENTS] [OPTIONS]")
            .Section("DESCRIPTION").Paragraph(root.Description ?? "")
            .Section("COMMANDS");
        foreach (Command command in root.Subcommands)
            AddCommand(page, command, "fullstack");
        page.Section("OPTIONS OF ALL COMMANDS");
        foreach (Option option in root.Options.Where(static option => option.Recursive && !option.Hidden))
            AddOption(page, option);
        return page
            .Section("FILES")
            .Entry("/etc/fullstack/fullstack.yaml", "The configuration: fullstack.yaml(5).")
            .Entry("/var/lib/fullstack", "Mail, queue, accounts, keys.")
            .Entry("/var/spool/fullstack", "Where programs drop mail: fullstack-sendmail(8).")
            .Entry("/usr/share/doc/fullstack-mail", "What administrators read: admin.md to set a server up, reference.md for every key.")
            .Section("EXIT STATUS").Paragraph("0 if all went well, 1 or one of the numbers of sysexits.h if not: 64 the command line is wrong, 65 what was read is, 66 a file is not there, 67 no such user or alias, "
                + "69 an address is taken, 73 a file cannot be made, 75 try again later, 77 not permitted, 78 the configuration is wrong.")
            .Section("SEE ALSO").Paragraph("fullstack.yaml(5), fullstack-sendmail(8)")
            .ToString();
    }

    /// <summary>fullstack.yaml(5): each setting with its default.</summary>
    public static string OfSettings(IReadOnlyList<Setting> settings)
    {
        ManualText page = new ManualText("fullstack.yaml", 5, "configuration of fullstack(1)")
            .Section("DESCRIPTION").Paragraph("The file is YAML. A name with dots, such as smtp.message_size_limit, is a key below the one before the dot. Sizes are written 64KiB, 50MiB, 2GiB, durations 30s, 10m, 2h, 1d. "
                + "A relative path starts at the folder of the file. `fullstack check` says what is wrong with a file, `fullstack check --describe` prints all settings as one; SIGHUP has a running server read it again.")
            .Section("SETTINGS");
        foreach (Setting setting in settings)
        {
            string value = setting.DefaultText is "" or "\"\"" or "[]" ? setting.Example is { } example && !example.Contains('\n') ? $"Example: {example}" : "" : $"Default: {setting.DefaultText.Trim()}";
            page.Entry(setting.Name, setting.Summary + (setting.NeedsRestart ? "\nA change needs a restart." : "") + (value.Length > 0 ? $"\n{value}" : ""));
        }

        return page.Section("SEE ALSO").Paragraph("fullstack(1)").ToString();
    }

    private static void AddCommand(ManualText page, Command command, string before)
    {
        string name = string.Join(' ', [before, command.Name, .. command.Arguments.Select(static argument => argument.Arity.MinimumNumberOfValues == 0 ? $"[{NameOf(argument)}]" : NameOf(argument))]);
        page.Entry(name, command.Description ?? "");
        if (command.Options.Any(static option => !option.Hidden))
        {
            page.Within(inner =>
            {
                foreach (Option option in command.Options.Where(static option => !option.Hidden))
                    AddOption(inner, option);
            });
        }

        foreach (Command sub in command.Subcommands)
            AddCommand(page, sub, $"{before} {command.Name}");
    }

    private static string NameOf(Argument argument) => (argument.HelpName ?? argument.Name).ToUpperInvariant();

    private static void AddOption(ManualText page, Option option)
    {
        string value = option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? "" : $" {option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant()}";
        page.Entry(string.Join(", ", [option.Name, .. option.Aliases]) + value, option.Description ?? "");
    }
}
