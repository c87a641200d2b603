using System.Globalization;
using System.Text;
using FullStack.Smtp;

namespace FullStack.Queue.Programs;

/// <summary>Says in SMTP's terms how a program ended.</summary>
/// <remarks>
/// The numbers are those of sysexits.h. What a program ends with in a .courier file is read as dot-courier(5) has it: 99 is a success after which nothing
/// more is done, and numbers that it does not name mean that the message is to be tried again.
/// </remarks>
internal static class ProgramExit
{
    /// <summary>Success, and no instruction after this one.</summary>
    public const int Last = 99;

    /// <summary>From here on the number is that of a signal.</summary>
    private const int Signalled = 128;

    private const int MaxSaid = 800;

    /// <param name="code">The exit code; 128 and more: the number of a signal.</param>
    /// <param name="isCourier">It was an instruction of a .courier file.</param>
    /// <param name="output">What it wrote, which its sender is told.</param>
    public static DeliveryStatus StatusOf(int code, bool isCourier, string output)
    {
        if (code == 0 || (code == Last && isCourier))
            return DeliveryStatus.Success;
        EnhancedStatus status = Meaning(code, isCourier, out string meaning);
        string said = Printable(output);
        string text = said.Length == 0 ? $"The program says: {meaning}" : $"The program says: {meaning}: {said}";
        return new(status.Class == 4 ? 450 : 550, status, text);
    }

    private static EnhancedStatus Meaning(int code, bool isCourier, out string meaning)
    {
        (EnhancedStatus status, meaning) = code switch
        {
            64 => (new EnhancedStatus(5, 3, 5), "command line usage error"),
            65 => (new EnhancedStatus(5, 6, 0), "data format error"),
            66 when !isCourier => (new EnhancedStatus(5, 3, 0), "cannot open input"),
            67 => (new EnhancedStatus(5, 1, 1), "user unknown"),
            68 => (new EnhancedStatus(5, 1, 2), "host name unknown"),
            69 => (new EnhancedStatus(5, 3, 0), "service unavailable"),
            70 => (new EnhancedStatus(5, 3, 0), "internal software error"),
            71 => (new EnhancedStatus(4, 3, 0), "system resource problem"),
            72 when !isCourier => (new EnhancedStatus(5, 3, 0), "critical system file missing"),
            73 when !isCourier => (new EnhancedStatus(5, 2, 0), "cannot create a file"),
            74 => (new EnhancedStatus(4, 3, 0), "input or output error"),
            75 => (new EnhancedStatus(4, 3, 0), "temporary failure"),
            76 => (new EnhancedStatus(5, 5, 0), "remote error in protocol"),
            77 => (new EnhancedStatus(5, 7, 0), "permission denied"),
            78 => (new EnhancedStatus(5, 3, 5), "local configuration error"),
            100 or 112 => (new EnhancedStatus(5, 3, 0), "permanent failure"),
            126 or 127 => (new EnhancedStatus(4, 3, 5), "command not found"), // An administrator's mistake, who has days to mend it.
            > Signalled => (new EnhancedStatus(4, 3, 0), string.Create(CultureInfo.InvariantCulture, $"killed by signal {code - Signalled}")),
            _ => (new EnhancedStatus(isCourier ? 4 : 5, 3, 0), string.Create(CultureInfo.InvariantCulture, $"exit code {code}")),
        };
        return status;
    }

    private static string Printable(string output)
    {
        StringBuilder line = new(Math.Min(output.Length, MaxSaid));
        foreach (char c in output.Trim())
        {
            if (line.Length == MaxSaid)
                break;
            char shown = char.IsWhiteSpace(c) ? ' ' : c is > ' ' and < '\x7f' ? c : '?';
            if (shown != ' ' || (line.Length > 0 && line[^1] != ' '))
                line.Append(shown);
        }

        return line.ToString();
    }
}
