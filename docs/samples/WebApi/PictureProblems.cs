namespace TransferKit.Samples.WebApi;

/// <summary>Answers uploads that are no readable picture with problem details of status 413, 415 or 400.</summary>
internal static class PictureProblems
{
    public static async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ImageDecodeException e)
        {
            return Results.Problem(e.Message, statusCode: e.Reason switch
            {
                ImageDecodeError.TooLarge => StatusCodes.Status413PayloadTooLarge,
                ImageDecodeError.NotAnImage or ImageDecodeError.Unsupported => StatusCodes.Status415UnsupportedMediaType,
                _ => StatusCodes.Status400BadRequest,
            });
        }
    }
}
