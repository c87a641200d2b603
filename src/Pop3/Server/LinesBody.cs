using System.Text;
using FullStack.Net;

namespace FullStack.Pop3.Server;

/// <summary>Lines of ASCII, made one by one while they are sent. None begins with a dot.</summary>
internal sealed class LinesBody(IEnumerable<string> lines) : Pop3Body
{
    public override async ValueTask WriteAsync(MailConnection connection, CancellationToken ct)
    {
        foreach (string line in lines)
        {
            Write(connection, line);
            await connection.FlushIfLargeAsync(ct);
        }

        connection.Write(".\r\n"u8);
    }

    private static void Write(MailConnection connection, string line)
    {
        Span<byte> octets = connection.Output.GetSpan(line.Length + 2);
        int written = Encoding.ASCII.GetBytes(line, octets);
        "\r\n"u8.CopyTo(octets[written..]);
        connection.Output.Advance(written + 2);
    }
}
