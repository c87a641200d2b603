using System.Text;
using FullStack.Auth.Passwords;
using FullStack.Server.Logging;

namespace FullStack.Server.Cli;

/// <summary>Where a command reads and writes: the process's own streams, or a test's.</summary>
internal sealed class Terminal
{
    /// <summary>Why a password is refused that no login could send.</summary>
    public static string UnusablePassword { get; } = $"a password has at most {PasswordHash.MaxCharacters} characters, and none of them is NUL";

    public required TextReader Input { get; init; }
    public required TextWriter Output { get; init; }
    public required TextWriter Error { get; init; }

    /// <summary>Where log lines go.</summary>
    public required Stream Log { get; init; }

    /// <summary>What goes there is read by journald.</summary>
    public bool LogIsJournal { get; init; }

    /// <summary>Standard input as octets, for messages.</summary>
    public Stream InputOctets { get; init; } = Stream.Null;

    /// <summary>Standard output as octets, for a session on it.</summary>
    public Stream OutputOctets { get; init; } = Stream.Null;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A person types: ask, and do not show passwords.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>A person reads: colours are welcome.</summary>
    public bool OutputIsTerminal { get; init; }

    public static Terminal OfProcess() => new()
    {
        Input = Console.In,
        Output = Console.Out,
        Error = Console.Error,
        Log = Console.OpenStandardError(),
        LogIsJournal = SystemJournal.IsJournal(Environment.GetEnvironmentVariable("JOURNAL_STREAM"), new FileInfo("/proc/self/fd/2").LinkTarget),
        InputOctets = Console.OpenStandardInput(),
        OutputOctets = Console.OpenStandardOutput(),
        InputIsTerminal = !Console.IsInputRedirected,
        OutputIsTerminal = !Console.IsOutputRedirected,
    };

    /// <summary>Reads a password: asked for twice at a terminal, else the first line of standard input.</summary>
    /// <exception cref="CommandFailedException">There is none, it is not usable, or the two differ.</exception>
    public string ReadPassword(string address)
    {
        string? password = InputIsTerminal ? Ask($"Password for {address}: ") : Input.ReadLine();
        if (string.IsNullOrEmpty(password))
            throw new CommandFailedException(ExitCode.BadData, "no password: give one on standard input");
        if (!PasswordHash.IsUsable(password))
            throw new CommandFailedException(ExitCode.BadData, UnusablePassword);
        if (InputIsTerminal && Ask("The same again: ") != password)
            throw new CommandFailedException(ExitCode.BadData, "the two passwords differ");
        return password;
    }

    private string Ask(string prompt)
    {
        Error.Write(prompt);
        StringBuilder typed = new();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace && typed.Length > 0)
                typed.Length--;
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        Error.WriteLine();
        return typed.ToString();
    }
}
