using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using FullStack.Net;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Batch;

/// <summary>Plays commands that lie ready to a session of this process, one after the other, as a client would that heeds the answers.</summary>
/// <remarks>
/// RFC 2442. A message that follows a refused DATA is passed over, so that none of its lines is ever taken for a command. Memory is bounded by one
/// line and one piece of a message.
/// </remarks>
/// <param name="protocol">Makes the session.</param>
/// <param name="time">The clock.</param>
public sealed class BatchPlayer(SmtpProtocol protocol, TimeProvider time)
{
    private const int MaxRefusals = 1000;
    private const int ShownCharacters = 200;

    private readonly List<BatchRefusal> _refusals = [];
    private BatchReader _batch = null!;
    private PipeWriter _output = null!;
    private ReplyReader _replies = null!;
    private int _accepted;

    /// <summary>A command that is refused for now ends the batch: what is not acknowledged by then is for another time.</summary>
    public bool StopsAtTemporary { get; init; }

    /// <summary>The name of the dropped file that the batch is made of, which holds one message; null: of none.</summary>
    public string? DropName { get; init; }

    /// <summary>Plays a batch.</summary>
    /// <param name="batch">The commands. EHLO may be missing.</param>
    /// <param name="connectionId">Names the session in log lines.</param>
    /// <param name="user">Whose batch it is; null where nobody knows.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="IOException">The batch cannot be read.</exception>
    public async Task<BatchOutcome> PlayAsync(Stream batch, string connectionId, uint? user, CancellationToken ct)
    {
        Pipe commands = new();
        Pipe replies = new();
        _batch = new(batch);
        (_output, _replies) = (commands.Writer, new(replies.Reader));
        IPEndPoint here = new(IPAddress.Loopback, 0);
        MailConnection connection = new(new Ends(commands.Reader, replies.Writer), connectionId, here, here, time) { IsLocalSocket = true, LocalUser = user, DropName = DropName };
        await using (connection)
        {
            Task session = protocol.RunAsync(connection, ct);
            bool ended = false;
            try
            {
                ended = await PlayAsync(ct);
            }
            finally
            {
                await commands.Writer.CompleteAsync();
                await replies.Reader.CompleteAsync();
                await SettleAsync(session);
            }

            return new(_accepted, _refusals, !ended);
        }
    }

    /// <returns>Whether the batch came to its end.</returns>
    private async Task<bool> PlayAsync(CancellationToken ct)
    {
        if (await _replies.ReadAsync(ct) is not { IsSuccess: true })
            return false;
        bool isGreeted = false;
        while (await _batch.ReadLineAsync(ct) is { } line)
        {
            string command = line.TrimEnd('\r', '\n');
            if (command.Length == 0)
                continue;
            if (!isGreeted && !IsVerb(command, "EHLO") && !IsVerb(command, "HELO") && await SendAsync("EHLO localhost", ct) is not { IsSuccess: true })
                return false;
            isGreeted = true;
            if (IsVerb(command, "QUIT"))
                return true;
            DeliveryStatus? reply = IsVerb(command, "BDAT") ? await SendChunkAsync(command, ct) : await SendAsync(command, ct);
            if (IsVerb(command, "DATA"))
                reply = await SendTextAsync(reply, ct);
            if (reply is null)
                return false;
            if (reply.IsSuccess)
                _accepted += IsVerb(command, "DATA") || IsLastChunk(command) ? 1 : 0;
            else if (!Note(command, reply))
                return false;
        }

        return true;
    }

    /// <returns>Whether to go on.</returns>
    private bool Note(string command, DeliveryStatus reply)
    {
        if (_refusals.Count < MaxRefusals)
            _refusals.Add(new(_batch.Line, command.Length > ShownCharacters ? command[..ShownCharacters] : command, reply));
        return !(reply.IsTemporary && StopsAtTemporary);
    }

    private async Task<DeliveryStatus?> SendAsync(string command, CancellationToken ct)
    {
        await _output.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), ct);
        return await _replies.ReadAsync(ct);
    }

    /// <summary>Sends the text after DATA where the session wants it; else passes over it.</summary>
    private async Task<DeliveryStatus?> SendTextAsync(DeliveryStatus? reply, CancellationToken ct)
    {
        bool wanted = reply is { Code: 354 };
        await _batch.CopyTextAsync(wanted ? _output : null, ct);
        return wanted ? await _replies.ReadAsync(ct) : reply;
    }

    private async Task<DeliveryStatus?> SendChunkAsync(string command, CancellationToken ct)
    {
        if (!TryReadChunk(command, out long octets))
            return await SendAsync(command, ct);
        await _output.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), ct);
        await _batch.CopyChunkAsync(octets, _output, ct);
        return await _replies.ReadAsync(ct);
    }

    private static bool TryReadChunk(ReadOnlySpan<char> command, out long octets)
    {
        ReadOnlySpan<char> number = command["BDAT".Length..].Trim(' ');
        int end = number.IndexOf(' ');
        return long.TryParse(end < 0 ? number : number[..end], NumberStyles.None, CultureInfo.InvariantCulture, out octets);
    }

    private static bool IsLastChunk(string command) => IsVerb(command, "BDAT") && command.EndsWith(" LAST", StringComparison.OrdinalIgnoreCase);

    private static bool IsVerb(string command, string verb)
        => command.StartsWith(verb, StringComparison.OrdinalIgnoreCase) && (command.Length == verb.Length || command[verb.Length] == ' ');

    private static async Task SettleAsync(Task session)
    {
        try
        {
            await session;
        }
        catch (PeerGoneException)
        {
            // The batch ended without QUIT, or in the middle of something: what was not acknowledged did not happen.
        }
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
