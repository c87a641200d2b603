using System.Text;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Harness.Clients;

/// <summary>Brings a fresh connection to where a test begins: past the greeting, STARTTLS and the login.</summary>
public sealed class SessionOpener(LineClient client, ListenerProtocol protocol)
{
    private bool IsSmtp => protocol is ListenerProtocol.Smtp or ListenerProtocol.Submission or ListenerProtocol.Lmtp or ListenerProtocol.Odmr;

    /// <summary>Reads the greeting; in SMTP says EHLO, in LMTP LHLO, too.</summary>
    public async Task ReadGreetingAsync(CancellationToken ct = default)
    {
        switch (protocol)
        {
            case ListenerProtocol.Imap:
                Expect(await client.ReadLineAsync(ct), "* OK");
                break;
            case ListenerProtocol.Pop3:
                Expect(await client.ReadLineAsync(ct), "+OK");
                break;
            default:
                await ReadSmtpReplyAsync("220", ct);
                await SayHelloAsync(ct);
                break;
        }
    }

    /// <summary>STARTTLS or STLS, and the handshake; in SMTP says EHLO again.</summary>
    public async Task StartTlsAsync(CancellationToken ct = default)
    {
        (string command, string answer) = protocol switch
        {
            ListenerProtocol.Imap => ("tls STARTTLS", "tls OK"),
            ListenerProtocol.Pop3 => ("STLS", "+OK"),
            _ => ("STARTTLS", "220"),
        };
        await client.SendLineAsync(command, ct);
        Expect(await client.ReadLineAsync(ct), answer);
        await client.StartTlsAsync(ct: ct);
        if (IsSmtp)
            await SayHelloAsync(ct);
    }

    /// <summary>Logs one of the test accounts in.</summary>
    public async Task LogInAsync(string user, CancellationToken ct = default)
    {
        string address = TestAccounts.AddressOf(user), password = TestAccounts.PasswordOf(user);
        switch (protocol)
        {
            case ListenerProtocol.Imap:
                await client.SendLineAsync($"login LOGIN {address} {password}", ct);
                IReadOnlyList<string> lines = await client.ReadLinesAsync(static line => line.StartsWith("login ", StringComparison.Ordinal), ct);
                Expect(lines[^1], "login OK");
                break;
            case ListenerProtocol.Pop3:
                await client.SendLineAsync($"USER {address}", ct);
                Expect(await client.ReadLineAsync(ct), "+OK");
                await client.SendLineAsync($"PASS {password}", ct);
                Expect(await client.ReadLineAsync(ct), "+OK");
                break;
            default:
                await client.SendLineAsync("AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{address}\0{password}")), ct);
                await ReadSmtpReplyAsync("235", ct);
                break;
        }
    }

    /// <summary>Reads an SMTP reply of any number of lines.</summary>
    public async Task<IReadOnlyList<string>> ReadSmtpReplyAsync(string code, CancellationToken ct = default)
    {
        IReadOnlyList<string> reply = await client.ReadLinesAsync(static line => line.Length < 4 || line[3] != '-', ct);
        Expect(reply[^1], code);
        return reply;
    }

    /// <summary>What the server offers here and now: capabilities, EHLO keywords or CAPA tags.</summary>
    /// <remarks>Call it at a point where the protocol allows the question; in SMTP it is a new EHLO.</remarks>
    public async Task<IReadOnlyList<string>> ReadCapabilitiesAsync(CancellationToken ct = default)
    {
        switch (protocol)
        {
            case ListenerProtocol.Imap:
                await client.SendLineAsync("caps CAPABILITY", ct);
                IReadOnlyList<string> lines = await client.ReadLinesAsync(static line => line.StartsWith("caps ", StringComparison.Ordinal), ct);
                return [.. lines.Where(static line => line.StartsWith("* CAPABILITY ", StringComparison.Ordinal))
                    .SelectMany(static line => line.Split(' ')[2..])];
            case ListenerProtocol.Pop3:
                await client.SendLineAsync("CAPA", ct);
                Expect(await client.ReadLineAsync(ct), "+OK");
                return [.. (await client.ReadLinesAsync(static line => line == ".", ct)).SkipLast(1)];
            default:
                return [.. (await SayHelloAsync(ct)).Skip(1).Select(static line => line[4..])];
        }
    }

    private async Task<IReadOnlyList<string>> SayHelloAsync(CancellationToken ct)
    {
        await client.SendLineAsync(protocol == ListenerProtocol.Lmtp ? "LHLO client.example.test" : "EHLO client.example.test", ct);
        return await ReadSmtpReplyAsync("250", ct);
    }

    private static void Expect(string? line, string start)
    {
        if (line?.StartsWith(start, StringComparison.Ordinal) != true)
            throw new IOException($"instead of {start} the server said: {line ?? "(closed)"}");
    }
}
