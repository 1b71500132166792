extension Shape {
    /// Shapes of the value of each header field that is read somewhere, with texts that are written again and again.
    static let ofFields: [Shape] = values.flatMap { field, texts in
        ofValue(field, texts) { $0.fields.append(field, $1) }
    }

    private static let values: KeyValuePairs<String, [String]> = [
        "Accept": ["text/csv;q=0.1,", "a/b;c=\"", ",", ";", "*/*;q=0.5;q=1, "],
        "Accept-Language": ["de-AT;q=0.5,", "x-", ",", "a-b-c-d-e-f,"],
        "Accept-Encoding": ["gzip;q=0.1,", ",", ";", " ", "identity;q=0, gzip, ", "x"],
        "Cookie": ["a=b; ", "session=1; ", ";", " ", "session =1;"],
        "If-None-Match": ["\"a\", ", "W/\"a;gzip\", ", "\"", ",", "*, ", "\"a;gzip\","],
        "If-Match": ["\"a\", ", "\"a;gzip\",", "\"", "*, "],
        "If-Modified-Since": ["Sun, 06 Nov 1994 08:49:37 GMT", "a"],
        "Cache-Control": ["no-cache, ", "no-store,", "a=\"\\\",", ","],
        "Range": ["bytes=0-1,", "1"],
        "If-Range": ["\"a\"", "\"a;gzip"],
        "TE": ["trailers, ", " "],
        "Connection": ["close, ", "X-A,", ","],
        "Authorization": ["Bearer ", "a"],
        "X-API-Key": ["a"],
        "Host": ["a", ":", ".", "[", "A"],
        "Content-Length": ["1", "0"],
        "X-Tenant": ["a", "A_"],
    ]
}
