using FullStack.Smtp.Client;

namespace FullStack.Unit.Smtp.Client;

public sealed class ScramExchangeTests
{
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";
    private const string Challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    /// <summary>The example of RFC 7677 §3.</summary>
    [Fact]
    public void Both_sides_prove_that_they_know_the_password()
    {
        ScramExchange exchange = new("user", "pencil", Nonce);
        Assert.Equal("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", exchange.First);
        Assert.Equal(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", exchange.Answer(Challenge));
        Assert.True(exchange.Confirms("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        Assert.False(exchange.Confirms("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        Assert.False(exchange.Confirms("e=other-error"));
    }

    [Theory]
    [InlineData("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=!,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx")]
    [InlineData("")]
    public void What_is_no_challenge_gets_no_answer(string challenge)
    {
        ScramExchange exchange = new("user", "pencil", Nonce);
        Assert.Null(exchange.Answer(challenge));
        Assert.False(exchange.Confirms("v="));
    }

    [Fact]
    public void A_name_cannot_end_its_field() => Assert.Equal("n,,n=a=2Cb=3Dc,r=x", new ScramExchange("a,b=c", "p", "x").First);
}
