extension DocumentationPage {
    /// The SHA-256 of the style in base64, which a test compares with the style.
    static let styleHash = "Yp9Umcufy8+y3puOKAn2y2Bq4Dc7OCXoVxiWetLjMwI="

    /// The style sheet of the page.
    static let style = """
        :root { color-scheme: light dark; --line: #8888; --accent: #0b5cad; --soft: #8881; }
        @media (prefers-color-scheme: dark) { :root { --accent: #7ab8ff; } }
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
        h1 { margin: 0; } h2 { margin-top: 2rem; border-bottom: 1px solid var(--line); }
        a { color: var(--accent); }
        code, pre, input, select, textarea { font-family: ui-monospace, monospace; font-size: .9rem; }
        nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; }
        details { border: 1px solid var(--line); border-radius: .3rem; margin: .5rem 0; }
        details > div { padding: 0 1rem 1rem; overflow-x: auto; }
        summary { padding: .4rem 1rem; cursor: pointer; }
        .method { display: inline-block; min-width: 4.5rem; font-weight: bold; color: var(--accent); }
        table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
        caption { text-align: left; font-weight: bold; padding: .3rem 0; }
        th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line); }
        th { font-weight: normal; white-space: nowrap; }
        .note { opacity: .8; font-size: .9rem; }
        input, select, textarea { width: 100%; box-sizing: border-box; }
        #token { max-width: 20rem; }
        textarea { min-height: 8rem; }
        pre { background: var(--soft); padding: .5rem; overflow: auto; max-height: 30rem; white-space: pre-wrap; overflow-wrap: anywhere; }
        button { font: inherit; padding: .3rem 1rem; margin: .5rem 0; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        """
}
