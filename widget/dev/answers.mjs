/** What the mock server answers: one line for each thing that the chat has to show, and the hostile ones. */

const EVENT = {
  uid: "reading@example.org", language: "zh", start: "2027-03-13T19:00:00+01:00", end: "2027-03-13T21:00:00+01:00", all_day: false,
  city: "Berlin", place: "Staatsbibliothek, Berlin", free: true, url: "https://example.org/events/1",
  calendar: "https://example.org/events/1.ics",
};
const LABELS = { de: ["Abgesagt", "Verschoben", "Eintritt frei"], en: ["Cancelled", "Postponed", "Free entry"], zh: ["已取消", "已改期", "免费入场"] };

/** Words in a message, and the answer that each brings about. */
export const ANSWERS = {
  cards: (language) => ({
    text: "1. 柏林诗歌之夜\n2. Drachenbootrennen\n3. Panda talk",
    lead: "**3** · Sa 13.–So 14. März 2027",
    tail: "_Berlin / Beijing_",
    cards: [
      { ...EVENT, title: "柏林诗歌之夜", status: "scheduled", label: "", free_label: LABELS[language][2], when: "Sa, 13. März 2027, 19:00–21:00" },
      { ...EVENT, title: "Drachenbootrennen auf dem Müggelsee", language: "de", status: "cancelled", label: LABELS[language][0], free_label: "", when: "So, 14. März 2027" },
      { ...EVENT, title: "Panda talk", language: "en", status: "postponed", label: LABELS[language][1], free_label: "", when: "Mo, 15. März 2027, 10:00", calendar: "", url: "javascript:alert(1)" },
    ],
  }),
  hostile: () => ({
    text: "<img src=x onerror=\"window.hacked=1\"> **<script>window.hacked=1</script>** [click](javascript:window.hacked=1) [data](data:text/html,x) [https://berlin.de](https://evil.example/) \u202Egnp.exe\u202C https://example.org/a_b_c?q=1). ".repeat(2),
    buttons: [{ title: "<b onclick=alert(1)>x</b>\u202E", payload: "hostile" }],
    sources: [{ title: "<svg onload=alert(1)>", quote: "\u2066</blockquote><script>window.hacked=1</script>" }],
  }),
  list: () => ({ text: "**Bold** and _italic_ and [a link](https://example.org/a(b)).\n- one\n- two https://example.org/x。\n\n1. first\n2. second" }),
  long: () => ({ text: "Wort ".repeat(400) + "Donaudampfschifffahrtsgesellschaftskapitän".repeat(4) }),
};

export const DEFAULT = {
  de: "Das **Berlin Business Desk China** wurde im April 2018 eröffnet. Seitdem ist das Land Berlin in Peking vertreten.",
  en: "The **Berlin Business Desk China** opened in April 2018. Since then the State of Berlin has been represented in Beijing.",
  zh: "**柏林商务联络处**于2018年4月成立，此后柏林州在北京设有代表。",
};
export const RELATED = {
  de: ["Wer betreibt das Business Desk?", "Wo ist das Business Desk?"],
  en: ["Who operates the Business Desk?", "Where is the Business Desk?"],
  zh: ["谁负责运营柏林商务联络处？", "柏林商务联络处在哪里？"],
};
export const SOURCE = {
  title: { de: "Städtepartnerschaft Peking", en: "City Partnership Beijing", zh: "友好城市北京" },
  quote: "has had a presence in Beijing since April 2018",
};

/** Return the answer to a message, without the fields that every message has. */
export function answer(text, language) {
  const word = Object.keys(ANSWERS).find((name) => text.toLowerCase().includes(name));
  if (word) return ANSWERS[word](language);
  return {
    text: DEFAULT[language],
    buttons: RELATED[language].map((title) => ({ title, payload: title })),
    sources: [{ title: SOURCE.title[language], quote: SOURCE.quote }],
  };
}
