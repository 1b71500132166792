/// The header fields that a client sends. None of them is a credential.
enum RequestFields: String, CaseIterable {
    /// The fields of a browser for a request by a script.
    case browser
    /// The fields of curl.
    case curl

    /// Returns the bytes of a request.
    func request(for target: String) -> [UInt8] {
        let fields =
            switch self {
            case .browser:
                [
                    "Host: localhost:8080",
                    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                    "Accept: application/json",
                    "Accept-Language: en-US,en;q=0.5",
                    "Accept-Encoding: gzip, deflate, br, zstd",
                    "Referer: http://localhost:8080/",
                    "Connection: keep-alive",
                    "Sec-Fetch-Dest: empty",
                    "Sec-Fetch-Mode: cors",
                    "Sec-Fetch-Site: same-origin",
                ]
            case .curl:
                ["Host: localhost:8080", "User-Agent: curl/7.88.1", "Accept: */*"]
            }
        return Array((["GET \(target) HTTP/1.1"] + fields + ["", ""]).joined(separator: "\r\n").utf8)
    }
}
