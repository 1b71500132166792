import HTTPTypes

extension Shape {
    /// Shapes of the value of each header field that is read somewhere, with texts that are written again and again.
    static let ofFields: [Shape] = values.flatMap { field, texts in
        (texts.map { ($0, $0) } + hostileTexts.prefix(2).map { ($0.name, $0.text) }).map { name, text in
            Shape(part: field, name: name) { size in
                var load = Load()
                load.fields[HTTPField.Name(known: field)] = nil
                load.fields.append(field, filled(text, size))
                return load
            }
        }
    }

    private static let values: KeyValuePairs<String, [String]> = [
        "Accept": ["text/csv;q=0.1,", "a/b;c=\"", ",", ";", "*/*;q=0.5;q=1, ", " "],
        "Accept-Language": ["de-AT;q=0.5,", "x-", "-", ",", "a-b-c-d-e-f,"],
        "Accept-Encoding": ["gzip;q=0.1,", ",", ";", " ", "identity;q=0, gzip, ", "x"],
        "Cookie": ["a=b; ", "session=1; ", ";", "=", " ", "session =1;", "a"],
        "If-None-Match": ["\"a\", ", "W/\"a;gzip\", ", "\"", "W/", ",", "*, ", "\"a;gzip\",", "a"],
        "If-Match": ["\"a\", ", "\"a;gzip\",", "\"", "*, "],
        "If-Modified-Since": ["Sun, 06 Nov 1994 08:49:37 GMT", "a"],
        "If-Unmodified-Since": ["Sun, 06 Nov 1994 08:49:37 GMT"],
        "Cache-Control": ["no-cache, ", "no-store,", "a=\"\\\",", ",", "=", "no-transform"],
        "Range": ["bytes=0-1,", "1"],
        "If-Range": ["\"a\"", "\"a;gzip"],
        "TE": ["trailers, ", ",", " ", "trailers;q=0.5,"],
        "Connection": ["close, ", "X-A,", ","],
        "Authorization": ["Bearer ", "a"],
        "X-API-Key": ["a"],
        "Host": ["a", ":", ".", "[", "A"],
        "Content-Length": ["1", "0"],
        "X-Tenant": ["a", "A_"],
        "Proxy-Authorization": ["a"],
        "Forwarded": ["for=1,"],
    ]
}
