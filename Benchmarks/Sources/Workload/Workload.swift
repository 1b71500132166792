public import HTTPPipeline
import HTTPTypes
public import KeyConstructor

/// The measured request of a browser, and its keys.
public enum Workload {
    /// The text of the key of three bits.
    public static let text = #"{"format": "json", "language": "en", "unique_method_id": "cities.CityView.get"}"#

    /// The text of the key of five bits.
    public static let longText =
        #"{"format": "json", "headers": {"x-geoip-city": "Rome"}, "language": "en", "query": {"country": "IT", "#
        + #""page": "2"}, "unique_method_id": "cities.CityView.get"}"#

    /// The bits of the default constructor, two query parameters and a header.
    public static let fiveBits = KeyConstructor.default.adding([
        "query": .queryParameters(["country", "page"]), "headers": .headers(["x-geoip-city"]),
    ])

    /// The values of the key of three bits, for encoders of other kinds.
    public static let values = ["unique_method_id": "cities.CityView.get", "format": "json", "language": "en"]

    /// The request.
    public static func exchange() -> Exchange {
        var fields: HTTPFields = [.accept: "application/json", .userAgent: "benchmark"]
        fields[HTTPField.Name("X-GeoIP-City")!] = "Rome"
        return Exchange(
            request: HTTPRequest(
                method: .get, scheme: "http", authority: "localhost", path: "/cities?country=IT&page=2",
                headerFields: fields
            ),
            route: Route(view: "cities.CityView", method: "get"),
            client: Exchange.Client(language: "en", format: "json")
        )
    }
}
