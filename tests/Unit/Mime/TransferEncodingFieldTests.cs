using System.Text;
using FullStack.Mime;

namespace FullStack.Unit.Mime;

public sealed class TransferEncodingFieldTests
{
    [Theory]
    [InlineData("A: b\r\n\r\n", "A: b\r\nContent-Transfer-Encoding: base64\r\n\r\n")]
    [InlineData("\r\n", "Content-Transfer-Encoding: base64\r\n\r\n")]
    [InlineData("", "Content-Transfer-Encoding: base64\r\n\r\n")]
    [InlineData("content-transfer-encoding : binary\r\n folded\r\nA: b\r\n c\r\n\r\n", "A: b\r\n c\r\nContent-Transfer-Encoding: base64\r\n\r\n")]
    [InlineData("A: b\nContent-Transfer-Encoding: 8bit\n\n", "A: b\nContent-Transfer-Encoding: base64\r\n\n")]
    [InlineData("Content-Transfer-EncodingX: 8bit\r\n\r\n", "Content-Transfer-EncodingX: 8bit\r\nContent-Transfer-Encoding: base64\r\n\r\n")]
    public void The_field_takes_the_place_of_others(string header, string expected)
        => Assert.Equal(expected, Encoding.ASCII.GetString(TransferEncodingField.Say(Encoding.ASCII.GetBytes(header), TransferEncodingField.Base64)));
}
