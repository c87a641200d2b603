using System.Buffers;
using System.Text;
using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Smtp;

/// <summary>Sends a message through a <see cref="HeaderPass"/>, cut into pieces, as a reception does.</summary>
internal static class HeaderPassing
{
    public static (string Passed, HeaderPass Pass) Run(string message, int cut, SubmittedHeader? submitted, Func<MailboxAddress, ValueTask<DeliveryStatus>> owns)
    {
        HeaderPass pass = new(submitted);
        StringBuilder passed = new();
        byte[] octets = Encoding.Latin1.GetBytes(message);
        bool ended = false;
        for (int at = 0; at < octets.Length + cut; at += cut)
        {
            ArrayBufferWriter<byte> output = new();
            if (at < octets.Length)
                pass.Push(octets.AsSpan(at, Math.Min(cut, octets.Length - at)), output);
            else
                pass.Complete(output);
            if (pass.IsOver && !ended)
            {
                ended = true;
                ValueTask<(DeliveryStatus? Refusal, byte[] Missing)> end = submitted?.EndAsync(owns) ?? new((null, []));
                Assert.True(end.IsCompleted);
                if (end.Result.Refusal is { } refusal)
                    return ($"{refusal.Code} {refusal.Status}", pass);
                pass.AddFields(end.Result.Missing, output);
            }

            passed.Append(Encoding.Latin1.GetString(output.WrittenSpan));
        }

        return (passed.ToString(), pass);
    }
}
