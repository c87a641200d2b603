using System.Net;
using System.Text;
using FullStack.Harness;
using FullStack.Server.Acme;

namespace FullStack.Unit.Server.Acme;

public sealed class AcmeAnswerSizeTests
{
    private const int LongestOctets = 1 << 20;

    [Theory]
    [InlineData(LongestOctets - 100, true)]
    [InlineData(LongestOctets + 1, false)]
    public async Task An_authority_says_a_mebibyte_at_most(int octets, bool isTaken)
    {
        using AcmeConnection connection = new("https://ca.example.test/directory", AccountKey.Make(), new Authority(octets), new ManualTimeProvider());
        if (isTaken)
            Assert.Empty(await connection.DirectoryAsync(TestContext.Current.CancellationToken));
        else
            await Assert.ThrowsAsync<AcmeException>(() => connection.DirectoryAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Says nothing, in many octets.</summary>
    private sealed class Authority(int octets) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new MemoryStream(Encoding.ASCII.GetBytes("{}".PadRight(octets)))) });
    }
}
