# हिन्दी। Hindi. The same messages stand in en.ftl, in the same order; a test holds the two together.

## The frame

product = सेवोत्तम
tagline = सेवा गुणवत्ता, चरण दर चरण
skip = सीधे मुख्य सामग्री पर जाएँ
nav = मुख्य मेनू
crumbs = आप यहाँ हैं
nav-inbox = कार्य
nav-cases = प्रकरण
nav-start = नया प्रकरण
nav-definitions = कार्यविधियाँ
nav-norms = मानक
nav-plan = योजना
nav-office = कार्यालय
nav-pages = नागरिक चार्टर एवं अन्य पृष्ठ
demo = प्रदर्शन:
demo-acting-as = { $name } के रूप में कार्यरत
demo-nobody = अभी कोई व्यक्ति नहीं चुना गया है।
demo-change = किसी अन्य व्यक्ति के रूप में कार्य करें
unsigned = हस्ताक्षर नहीं हो रहे हैं:
unsigned-since = { $time } की एक प्रविष्टि पर अब तक हस्ताक्षर नहीं हुए हैं। इस सर्वर को चलाने वालों को सूचित करें।
signed-in-as = आप हैं
sign-out = साइन आउट
footer-what = प्रत्येक चरण साक्ष्य के रूप में अभिलिखित होता है, जिसकी जाँच कोई भी कर सकता है।
footer-time = पृष्ठ का समय: { $time }
show = दिखाएँ
more = और दिखाएँ
all = सभी
unit = इकाई
rows = { $n ->
       [0] कोई नहीं
       [one] { $n } प्रदर्शित
      *[other] { $n } प्रदर्शित
    }

## Inbox

inbox = कार्य
inbox-mine = मेरे कार्य
inbox-mine-none = आपके पास कोई कार्य लंबित नहीं है।
inbox-offered = मेरी भूमिकाओं के लिए उपलब्ध
inbox-offered-none = आपकी भूमिकाओं के लिए कोई कार्य प्रतीक्षारत नहीं है।
your-roles = आपकी भूमिकाएँ
for-you-alone = केवल आपके लिए
task = कार्य
process = कार्यविधि
case = प्रकरण
since = कब से
due = नियत तिथि
action = कार्रवाई
claim = कार्य ग्रहण करें
due-none = कोई तिथि नहीं
due-today = आज नियत
due-in = { $n ->
       [one] { $n } दिन शेष
      *[other] { $n } दिन शेष
    }
overdue = { $n ->
       [one] { $n } दिन विलंबित
      *[other] { $n } दिन विलंबित
    }
overdue-today = आज से विलंबित
to-inbox = मेरे कार्यों पर जाएँ
waiting = कितना कार्य प्रतीक्षारत है
waiting-kept-from = आपकी भूमिकाओं के वे कार्य भी गिने गए हैं जिनसे आप अपने पहले के कार्य के कारण पृथक रखे गए हैं; सूची में वे नहीं आते।
waiting-only = नीचे केवल: { $process }।
waiting-all = सभी कार्यविधियाँ दिखाएँ
work = खुले कार्य
work-link = इकाई के सभी खुले कार्य
work-none = कोई कार्य खुला नहीं है।
work-first = सबसे पहले नियत
work-units = { $n ->
       [one] यहाँ केवल { $n } इकाई गिनी गई है।
      *[other] यहाँ केवल पहली { $n } इकाइयाँ गिनी गई हैं।
    }

## A task

instruction = क्या करना है
references = संदर्भ
about-case = प्रकरण के बारे में
offered-to = किसके लिए
time-source = निर्धारित समय
unverified = असत्यापित
verified = सत्यापित
record = बनने वाला अभिलेख
form = प्रपत्र
no-form = कुछ भरना आवश्यक नहीं है।
complete = कार्य पूर्ण करें
release = कार्य वापस करें
claim-first = कार्य करने के लिए पहले इसे ग्रहण करें। पूर्ण करने या वापस करने तक यह आपके पास रहेगा।
form-preview = क्या पूछा जाएगा
yours = आपके पास
taken = ग्रहण किया गया
taken-todo = यह कार्य किसी अन्य ने ग्रहण किया है। यदि इसे किसी और को सौंपना हो, तो उनसे इसे वापस करने को कहें।
case-suspended = प्रकरण निलंबित है
case-suspended-todo = पुनः आरंभ किए जाने पर ही इस पर कार्य हो सकेगा।
next-in-case = इस प्रकरण में आगे
data = प्रकरण का विवरण
data-none = अभी कोई विवरण नहीं है।
history = इतिवृत्त
history-all = संपूर्ण इतिवृत्त
optional = (वैकल्पिक)
choose = चुनें …
summary-title = कृपया त्रुटियाँ सुधारें
error-prefix = त्रुटि:
value-none = निर्धारित नहीं
value-yes = हाँ
value-no = नहीं

## Cases

cases = प्रकरण
cases-own = यहाँ आपके द्वारा आरंभ किए गए प्रकरण दिखाए गए हैं।
bundle = साथ ले जाने के लिए साक्ष्य
bundle-what = ऐसी फ़ाइल जिसे कोई भी, इस कार्यालय के बिना, जाँच सकता है।
bundle-lead = आप जो चुनें वह एक ZIP फ़ाइल में, जैसा कार्यालय ने उस पर हस्ताक्षर किए हैं। जिसे यह मिले वह इसे कहीं भी, इस कार्यालय के बिना, जाँच सकता है। यह किसे और किसलिए दी गई, यह अभिलिखित होता है।
bundle-clause = खंड
bundle-clause-hint = जैसे SQM 3.2.1: उन कार्यविधियों के प्रकरण जो इसका पालन करती हैं, क्योंकि वे, उनका कोई चरण या मानक, या उस मानक को दिखाने वाला चार्टर जैसा पृष्ठ इसका नाम लेता है।
bundle-cases = प्रकरण
bundle-cases-hint = उनकी पहचान, जैसी उनके पृष्ठों पर है; खाली छोड़ने पर: बाकी शर्तों के सभी।
bundle-from = पहला दिन
bundle-to = अंतिम दिन
bundle-purpose = यह किसलिए है
bundle-purpose-hint = जैसे: निगरानी लेखापरीक्षा, जुलाई 2026। यह अभिलेख का भाग बनता है।
bundle-withhold = व्यक्तिगत मान रोकें, इस आधार पर
bundle-withhold-hint = जैसे: सूचना का अधिकार अधिनियम, धारा 8(1)(j)। खाली छोड़ने पर वे फ़ाइल में रहते हैं।
bundle-leaves = पहली चुनी गई प्रविष्टि से आगे हर प्रविष्टि का पत्ता दिखाएँ, ताकि चुने गए प्रकरण का कुछ छूटा न हो
bundle-make = फ़ाइल बनाएँ
bundle-check = फ़ाइल इससे जाँची जाती है:
refusal-bundle-choice = ऐसे नहीं चुना जा सकता। पहचान, दिन और खंड देखें।
refusal-bundle-purpose = बताएँ कि फ़ाइल किसलिए है, 2,000 वर्णों तक।
refusal-bundle-empty = हस्ताक्षरित कुछ भी नहीं चुना गया। लंबी अवधि, या अन्य प्रकरण या कार्यविधियाँ चुनें।
refusal-bundle-too-large = फ़ाइल बहुत बड़ी होगी। छोटी अवधि, या कम प्रकरण चुनें।
refusal-log-unsigned = इस इकाई के लॉग पर कोई हस्ताक्षर नहीं हैं: फ़ाइल से कुछ सिद्ध नहीं होगा।
refusal-log-differs = डेटाबेस का लॉग वह नहीं है जिस पर हस्ताक्षर हुए थे, या पढ़ा नहीं जा सकता। संचालकों को बताएँ।
exports = प्रकरण फ़ाइल के रूप में
exports-help = चुनी गई प्रक्रिया के प्रकरण। घटना-लॉग छद्मनाम से बताता है कि किसने क्या और कब किया; प्रकरणों का विवरण उसमें नहीं होता। फ़ाइल कौन ले गया, यह दर्ज होता है।
export-csv = रजिस्टर (CSV)
export-xlsx = रजिस्टर (Excel)
export-xes = घटना-लॉग (XES)
export-ocel = घटना-लॉग (OCEL 2.0)
cases-none = कोई प्रकरण नहीं मिला।
status = स्थिति
number = संख्या
started = आरंभ
ended = समाप्ति
status-active = प्रगति पर
status-suspended = निलंबित
status-completed = पूर्ण
status-cancelled = निरस्त
owner = प्रक्रिया स्वामी
version = संस्करण { $n }
version-word = संस्करण
where-it-stands = वर्तमान स्थिति
mark-done = पूर्ण
mark-active = प्रगति पर
mark-problem = समस्या के कारण रुका
diagram = आरेख
diagram-description = कार्यविधि के चरण एवं उनके बीच के प्रवाह, बाएँ से दाएँ। यही जानकारी इस पृष्ठ पर शब्दों में भी दी गई है।
diagram-scroll = आरेख पृष्ठ से चौड़ा है: इसे दाएँ-बाएँ खिसकाएँ।
open-tasks = लंबित कार्य
role = भूमिका
who-has-it = किसके पास है
unclaimed = अभी ग्रहण नहीं किया गया
waits = किसकी प्रतीक्षा है
incidents = रुकने का कारण
retry = पुनः प्रयास करें
actions = कार्रवाइयाँ
reason = कारण
suspend = प्रकरण निलंबित करें
suspend-help = पुनः आरंभ होने तक इसके कार्य एवं समय-सीमाएँ रुकी रहेंगी।
resume = प्रकरण पुनः आरंभ करें
cancel = प्रकरण निरस्त करें
cancel-help = प्रकरण समय से पूर्व समाप्त हो जाएगा। इसे वापस नहीं लिया जा सकता।

## Records

records = अभिलेख
retention = प्रकरण के अभिलेख उसकी समाप्ति के बाद { $years } पूरे वर्ष रखे जाते हैं।
records-held = अभिलेख रोक कर रखे गए हैं: इनमें से कुछ भी मिटाया नहीं जाएगा
records-erased = जर्नल से मिटाया गया
erasure-proposed = व्यक्तिगत विवरण मिटाने का प्रस्ताव है
erasure-names = क्या मिटेगा
erasure-ground = मिटाने का आधार
erasure-ground-hint = उदाहरण: प्रतिधारण अवधि समाप्त, अनुसूची की मद सहित
erasure-authority = आदेश या अनुरोध
erasure-authority-hint = किसका है, संख्या एवं दिनांक सहित
erasure-by = प्रस्तावक
erasure-approve-help = अनुमोदन होते ही विवरण सदा के लिए मिट जाएगा। जो मुद्रांकित किया गया, उसका प्रमाण बना रहेगा।
approve-erasure = सदा के लिए मिटाएँ
reject-erasure = मिटाने का प्रस्ताव अस्वीकार करें
erase = व्यक्तिगत विवरण मिटाने का प्रस्ताव करें
handed-over = अन्य प्रोग्रामों और मामलों को दूसरे नामों से दिए गए और उनसे मिले विवरण
erase-help = इस पर अभिलेख अधिकारी निर्णय लेंगे। केवल व्यक्तिगत विवरण मिटेगा; इतिहास, समय और प्रमाण बने रहेंगे।
hold = अभिलेख रोक कर रखें
hold-help = अभिलेख अधिकारी द्वारा छोड़े जाने तक इनमें से कुछ भी मिटाया नहीं जाएगा।
hold-ground = अपील, लेखापरीक्षा, जाँच या न्यायालय का मामला जिसे इनकी आवश्यकता है
release-records = अभिलेख छोड़ें

## Controlled documents

documents = प्रलेखों की मुख्य सूची
documents-controlled = प्रलेख नियंत्रित हैं: वही लागू होता है जिसका प्रारूप बना, समीक्षा हुई, किसी अन्य ने अनुमोदन किया और जो जारी हुआ।
documents-free = प्रलेख नियंत्रित नहीं हैं: जो किसी प्रलेख के लिए उत्तरदायी है, वह उसे अगले अंक के रूप में सीधे भी लागू कर सकता है।
document-kind = प्रकार
document-process = कार्यविधि
document-norm = मानक
document-calendar = कैलेंडर
document-schedule = अनुसूची
document-page = पृष्ठ
issue = अंक
issue-effective = लागू होने की तिथि
issue-review = समीक्षा की तिथि
issue-reason = संशोधन का कारण
issue-deployed = सीधे लागू किया गया
issue-revision = पिछले अंक का पुनरीक्षण
issue-it = जारी करें
issue-waiting = अपनी तिथि की प्रतीक्षा में
issue-in-force = लागू
issue-withdrawn = वापस लिया गया
issue-obsolete = अप्रचलित
draft = प्रारूप
draft-written = लिखा जा रहा है
draft-review = समीक्षाधीन
draft-approved = अनुमोदित
draft-authors = लेखक
draft-returned = लौटाने का कारण
draft-approved-by = अनुमोदक
draft-own = यह किसी ऐसे व्यक्ति की प्रतीक्षा में है जिसने इसे नहीं लिखा।
draft-edit = प्रारूप लिखें
draft-new = नया प्रलेख आरंभ करें
draft-new-lead = इसे JSON में लिखें। यह अधूरा हो सकता है: प्रारूप के रूप में सहेजा जाता है, केवल उत्तरदायी व्यक्ति इसे बदल सकते हैं और हर बार इसकी जाँच होती है। समीक्षा, किसी अन्य के अनुमोदन और जारी होने के बाद ही यह लागू होता है।
draft-save = प्रारूप सहेजें
send = समीक्षा हेतु भेजें
approve = अनुमोदन करें
return = लेखकों को लौटाएँ
discard = प्रारूप छोड़ दें
withdraw = वापस लें
withdraw-help = यह चिह्नित करके रखा जाएगा और इससे कोई नया प्रकरण आरंभ नहीं होगा। जो अंक अपनी तिथि की प्रतीक्षा में है, वह वापस ले लिया जाएगा।
amendments = संशोधन पत्रक
copies = अंक { $issue } की प्रतियाँ
copy-read = { $who } ने पढ़ा और समझा, { $time }
acknowledge = मैंने इसे पढ़ा और समझा
received = दूसरे कार्यालय से प्राप्त
received-lead = यह प्रलेख दूसरा कार्यालय जारी करता है। हर संस्करण जैसा आया वैसा ही रखा जाता है; यहाँ वह प्रारूप बनता है, केवल उन उप-प्रक्रियाओं के भीतर बदला जा सकता है जो इसकी अनुमति देती हैं, और किसी अन्य के अनुमोदन तथा जारी होने के बाद ही लागू होता है।
received-issue = उसका अंक
received-from = प्रेषक
received-entry = { $log } की प्रविष्टि { $index }
received-adopted = अपनाया गया
received-acknowledged = पावती दी गई
received-acknowledge = उस कार्यालय को पावती दें
received-file = पावती की फ़ाइल
not-adopted = अभी नहीं
adopted = जैसा आया वैसा ही, अंक { $issue }
adopted-adapted = स्थानीय रूप में, अंक { $issue }
offices-below = इसे अपनाने वाले अन्य कार्यालय
office-other = कार्यालय
acknowledged-entry = उसकी पंजी की प्रविष्टि { $index }
amendment-file = यह अंक अन्य कार्यालयों के लिए फ़ाइल में
import = दूसरे कार्यालय की फ़ाइल लें
import-lead = जिस कार्यालय को यह कार्यालय मान्यता देता है, वह प्रलेखों के संशोधन तथा उन्हें वापस लेने की सूचना भेजता है, या इस कार्यालय के संशोधनों की पावती देता है। फ़ाइल का कुछ भी रखने से पहले उसकी जाँच उसी कार्यालय की कुंजी से होती है। संशोधन में जो है, वह यहाँ प्रारूप बनता है, जिसका अनुमोदन कोई अन्य व्यक्ति करता है।
import-file = फ़ाइल
import-hint = ZIP फ़ाइल, जैसी भेजी गई थी; अधिकतम 16 MiB।
import-take = जाँचें और लें
import-amendment = { $from } का संशोधन
import-withdrawal = { $from } ने वापस लिया
import-acknowledgement = { $from } की पावती
import-issue = अंक { $issue }
import-known = यह पहले से यहाँ है: कुछ नहीं बदला।
import-offices = मान्यता प्राप्त कार्यालय
import-nobody = किसी अन्य कार्यालय को मान्यता नहीं दी गई है। इस कार्यालय के प्रशासक कार्यालय आदेश द्वारा, कागज़ पर मिली सार्वजनिक कुंजी से, मान्यता देते हैं: sevottam amendment recognise.
import-sends = वह क्या भेजता है
import-above = संशोधन और वापसी की सूचना
import-below = पावती
withdrawn-there = वहाँ { $time } को वापस लिया गया, उसकी पंजी की प्रविष्टि { $index }।
withdrawn-early = वहाँ { $time } को, अपनी तिथि से पहले ही, वापस लिया गया, उसकी पंजी की प्रविष्टि { $index }: यह कभी लागू नहीं हुआ।
withdrawn-by = { $from } ने अंक { $issue } वापस ले लिया है
withdrawn-todo = अब इसका कुछ भी अपनाया नहीं जाता। यदि यह यहाँ लागू है, तो यहाँ भी वापस लें; चल रहे प्रकरण अपने संस्करण पर चलते रहते हैं।
withdrawn-early-todo = इससे बना प्रारूप छोड़ दें, या यदि वह यहाँ अपनी तिथि की प्रतीक्षा में है तो वापस लें।
recalls = वापस लिए गए अंक, अन्य कार्यालयों के लिए
recalls-lead = जिस-जिस कार्यालय के पास यह अंक है, उसे यह फ़ाइल भेजें: इससे प्रमाणित होता है कि इस कार्यालय ने उसे वापस ले लिया है। उनकी पावती यहाँ लें: तब वह यहीं दिखेगी।
recall-file = अंक { $issue } वापस लेने की फ़ाइल
recall-known = { $office } ने इसकी पावती दी, { $time }, उसकी पंजी की प्रविष्टि { $index }।
pages-lead = यह कार्यालय पढ़ने के लिए जो उपलब्ध कराता है, जैसा आज लागू है।
pages-none = कोई नहीं।
page-title = शीर्षक
page-kind-charter = चार्टर
page-kind-manual = नियमावली
page-not-then = इस समय यह लागू नहीं है।
page-over = यह { $time } तक लागू था
page-over-what = यह जैसा था वैसा ही रखा गया है। समय-सीमाएँ इसके अंतिम क्षण की हैं।
page-unverified-what = इस पृष्ठ का मूल स्रोत से मिलान अभी नहीं हुआ है।
page-owner = उत्तरदायी
page-print = छापें
page-document = अंक, प्रतियाँ एवं प्रारूप
page-read = लागू रूप में पढ़ें
page-preview = जैसा यह पढ़ा जाएगा
page-no-limit = कोई समय-सीमा लागू नहीं है।
page-norm-sources = समय-सीमाओं के स्रोत
live = लिखते समय जाँच
live-good = लिखते समय जाँच: कोई त्रुटि नहीं है।
live-warnings = { $n ->
       [one] लिखते समय जाँच: { $n } चेतावनी।
      *[other] लिखते समय जाँच: { $n } चेतावनियाँ।
    }
live-errors = { $n ->
       [one] लिखते समय जाँच: { $n } त्रुटि।
      *[other] लिखते समय जाँच: { $n } त्रुटियाँ।
    }
live-long = पाठ इतना लंबा है कि लिखते समय उसकी जाँच नहीं होती। भेजने पर उसकी जाँच होती है।
live-unable = अभी जाँच नहीं हो सकी। आगे लिखने पर और भेजने पर फिर जाँच होगी।
live-go = पंक्ति पर जाएँ

## Two editions side by side

try-it = आज़माकर देखें
trial = परीक्षण
trial-what = यह केवल परीक्षण है
trial-kept = यहाँ कुछ भी कार्यालय का प्रकरण नहीं है। कुछ लिखा या रखा नहीं जाता: न पावती है, न प्रमाण; और जिनके नाम से आप काम करते हैं, उन्हें इसका पता नहीं चलता।
trial-now = परीक्षण में अभी का समय
trial-moves = अब तक के कदम
trial-begin = आरंभ
trial-day = दिन
trial-hour = समय
trial-act-as = किसके रूप में
trial-public = आम नागरिक
trial-nobody = इस समय यह कोई नहीं कर सकता।
trial-may = कौन कर सकता है
trial-work = दिखाएँ
trial-shown = नीचे दिखाया गया
trial-else = और क्या हो सकता है
trial-time-passes = समय बीतने दें
trial-next = आगे नियत: { $what }, { $time }
trial-next-button = जो आगे नियत है वहाँ तक
trial-next-none = कुछ भी नियत नहीं है।
trial-due-other = किसी कदम का परिणाम
trial-advance = इस दिन और समय तक
trial-message = संदेश { $name } आता है
trial-message-send = आने दें
trial-key = मिलान कुंजी
trial-data = आँकड़े, JSON के रूप में
trial-job = कार्यकर्ता प्रोग्राम का काम ({ $topic })
trial-job-done = काम हो गया
trial-fail = काम विफल हुआ
trial-fail-message = विफलता का संदेश
trial-others = इससे बने अन्य प्रकरण
trial-undo = पिछला कदम वापस लें
trial-again = फिर से आरंभ करें
trial-download = परिदृश्य के रूप में डाउनलोड करें
trial-download-what = परिदृश्य वह फ़ाइल है जिसे यह प्रोग्राम फिर चला सकता है (sevottam replay), ताकि दिखे कि बाद का संस्करण भी वही करता है।
trial-handle = या जनता के किसी व्यक्ति के रूप में, उनके हैंडल से
trial-unplayed = परीक्षण अभी नहीं चला
trial-unplayed-what = यहाँ तक के कदम इसी पृष्ठ में सुरक्षित हैं। फिर प्रयास करें, या पिछला कदम वापस लें।
trial-unplayed-again = देखें कि प्रकरण कहाँ है
trial-earlier = { $n ->
    [one] पहले की { $n } प्रविष्टि यहाँ नहीं दिखाई गई है।
   *[other] पहले की { $n } प्रविष्टियाँ यहाँ नहीं दिखाई गई हैं।
}
trial-broken = इस संस्करण में त्रुटियाँ हैं, इसलिए इसे आज़माया नहीं जा सकता।
compare = क्या बदला
compare-draft = लागू अंक से तुलना करें
compare-from = पहला
compare-to = दूसरा
compare-nothing = कुछ नहीं
compare-first = इससे पहले कोई अंक नहीं है: यह पूरा नया है।
affected-others = तथा { $n } अन्य
compare-same = दोनों की विषय-वस्तु एक ही है।
compare-whole = प्रलेख
compare-where = कहाँ
compare-before = पहले
compare-after = अब
compare-all = पूरा
compare-order = क्रम बदला
compare-value = दिखाएँ
compare-more = परिवर्तन यहाँ दिखाए गए से अधिक हैं। नीचे के पाठ और प्रोग्रामिंग इंटरफ़ेस में सभी हैं।
compare-text = दोनों पाठ साथ-साथ
compare-no-picture = चित्र नहीं बन सका: इसमें त्रुटियाँ हैं।
changes = { $n ->
    [one] एक परिवर्तन
   *[other] { $n } परिवर्तन
}
way-added = नया
way-removed = हटाया गया
way-changed = बदला गया
line = पंक्ति
lines-more = पाठों में यहाँ दिखाई गई पंक्तियों से अधिक अंतर है।
affected = किन पर प्रभाव पड़ेगा: { $edition }
affected-show = देखें किन पर प्रभाव पड़ेगा
affected-running = चल रहे प्रकरण
affected-cases = { $n ->
    [one] एक प्रकरण
   *[other] { $n } प्रकरण
}
affected-more = या अधिक
affected-pinned = वे उसी संस्करण से चलेंगे जिससे आरंभ हुए।
affected-nobody = वर्तमान में कोई पदधारी नहीं
affected-no-performer = किसी के द्वारा किया जाने वाला कोई चरण नया या बदला हुआ नहीं है।
affected-callers = इसे बुलाने वाली कार्यविधियाँ
affected-clocks = इससे समय गिनने वाली कार्यविधियाँ
affected-schedules = इसे आरंभ करने वाली अनुसूचियाँ
affected-pages = इसकी समय-सीमाएँ दिखाने वाले पृष्ठ
affected-moved = चल रहे प्रकरणों में
affected-moves = { $n ->
    [one] एक समय-सीमा बदलेगी
   *[other] { $n } समय-सीमाएँ बदलेंगी
}

## History

told-started = प्रकरण आरंभ हुआ
told-claimed = कार्य ग्रहण किया: { $step }
told-released = कार्य वापस किया: { $step }
told-completed = पूर्ण किया: { $step }
told-withdrawn = कार्य समाप्त हुआ: { $step }
told-offered = { $role } के लिए उपलब्ध: { $step }
told-offered-due = { $role } के लिए उपलब्ध: { $step }, नियत तिथि { $date }
told-job-created = प्रणाली हेतु कार्य: { $step }
told-job-locked = { $worker } द्वारा कार्य जारी: { $step }
told-job-completed = प्रणाली द्वारा पूर्ण: { $step }
told-job-failed = असफल: { $step } – { $message }
told-timer-armed = समय-सीमा निर्धारित: { $step }, { $time }
told-task-moved = अब नियत: { $step }, { $due }
told-timer-moved = समय बदला: { $step }, { $after }, पहले { $before }
told-timer-fired = समय-सीमा पूरी हुई: { $step }
told-waits = संदेश की प्रतीक्षा: { $step }
told-thrown = संदेश भेजा गया: { $name }
told-message = संदेश प्राप्त हुआ
told-call = अन्य प्रकरण की माँग की गई
told-call-returned = अन्य प्रकरण समाप्त हुआ
told-suspended = निलंबित: { $reason }
told-resumed = पुनः आरंभ
told-cancelled = निरस्त: { $reason }
told-erasure-proposed = व्यक्तिगत विवरण मिटाने का प्रस्ताव: { $reason }
told-erasure-rejected = मिटाने का प्रस्ताव अस्वीकृत: { $reason }
told-erased = मिटाया गया: { $names } ({ $authority })
told-held = अभिलेख रोके गए: { $reason }
told-released-records = अभिलेख छोड़े गए: { $reason }
told-incident = रुका: { $message }
told-retried = पुनः प्रयास किया गया
told-ended = प्रकरण समाप्त हुआ।
told-data = क्या दर्ज किया गया
actor-system = प्रणाली

## Receipt

receipt = पावती
receipt-slip = मुद्रण योग्य पर्ची
receipt-log = लॉग
receipt-index = प्रविष्टि संख्या
receipt-leaf = प्रविष्टि का हैश
receipt-time = अभिलेखन का समय
slip-title = प्रकरण की पावती
slip-what = आपका प्रकरण अभिलिखित हो गया है। इसे बिना चिह्न छोड़े हटाया या बदला नहीं जा सकता।
slip-qr = यह कोड उस पृष्ठ पर ले जाता है जहाँ कोई भी इस रसीद की जाँच कर सकता है।
slip-proof = यह कोड स्वयं प्रमाण है (C2SP tlog-proof), पाठ के रूप में: ऐसे प्रमाणों का कोई भी प्रोग्राम इसे नीचे दी गई कुंजी से, इस कार्यालय के बिना, जाँच सकता है।
slip-pending = प्रविष्टि पर कुछ ही सेकंड में हस्ताक्षर हो जाते हैं। यह पृष्ठ फिर से खोलें, तब पर्ची पर प्रमाण भी होगा।
slip-keep = यह पर्ची सुरक्षित रखें: इससे कोई भी जाँच सकता है कि प्रविष्टि लॉग में है।
slip-data = क्या प्रस्तुत किया गया
lodged-by = प्रस्तुतकर्ता
case-id = प्रकरण पहचान
print = पर्ची मुद्रित करें
to-case = प्रकरण पर जाएँ

## Who has read personal values

reads = व्यक्तिगत विवरण किसने पढ़े
reads-lead = कार्यक्रम कोई व्यक्तिगत विवरण दिखाने से पहले एक अलग पंजी में अभिलिखित करता है कि उसे कौन पढ़ रहा है। एक ही व्यक्ति का उसी घंटे में वही विवरण फिर पढ़ना एक ही प्रविष्टि है।
reads-none = अभी तक किसी ने नहीं पढ़े।
reads-all = सभी पठन
reads-when = कब
reads-who = किसने
reads-what = क्या
reads-through = किस माध्यम से
through-case-page = प्रकरण का पृष्ठ
through-task-page = कार्य का पृष्ठ
through-slip = पर्ची
through-file = मुद्रित पत्रावली
through-case = प्रोग्रामिंग इंटरफ़ेस: प्रकरण
through-history = प्रोग्रामिंग इंटरफ़ेस: इतिहास
through-task = प्रोग्रामिंग इंटरफ़ेस: कार्य
through-entries = प्रोग्रामिंग इंटरफ़ेस: पंजी की प्रविष्टियाँ
through-jobs = प्रोग्राम का कार्य
through-bundle = साक्ष्य संग्रह
read-unrecorded = व्यक्तिगत विवरण नहीं दिखाए गए
read-unrecorded-what = वे तभी दिखाए जाते हैं जब यह अभिलिखित हो जाए कि उन्हें कौन पढ़ रहा है, और अभी यह संभव नहीं है। शेष सब यथावत है। थोड़ी देर में फिर प्रयास करें।

## The printed file

file-title = प्रकरण पत्रावली
file-print = मुद्रित करें (PDF)
file-by = किसके द्वारा
file-order = कार्यालय आदेश { $order }
file-erased = मिटाया गया: प्रविष्टि { $index } देखें।
file-withheld = रोका गया
file-withheld-what = व्यक्तिगत मान नहीं दिखाए गए हैं: { $ground }
file-folio = पृष्ठ { $number } / { $count }
file-entries = लॉग की प्रविष्टियाँ
file-entries-what = इस पत्रावली में बताई गई प्रत्येक प्रविष्टि। प्रत्येक में उसी प्रकरण की पिछली प्रविष्टि का हैश है, इसलिए बीच की कोई प्रविष्टि छूट नहीं सकती।
file-proof = प्रमाण
file-proof-what = कार्यालय ने अपने लॉग की नीचे दी गई स्थिति पर हस्ताक्षर किए हैं। इस पत्रावली की अंतिम प्रविष्टि उसमें है, और उसके साथ पहले की प्रत्येक प्रविष्टि: किसी को भी बदलने, हटाने या बीच में जोड़ने पर प्रमाण विफल हो जाएगा।
file-checkpoint = लॉग की हस्ताक्षरित स्थिति (C2SP signed note):
file-proof-qr = बड़ा कोड स्वयं प्रमाण (C2SP tlog-proof) है, पाठ के रूप में।
file-link-qr = छोटा कोड उस पृष्ठ पर ले जाता है जहाँ कोई भी इस प्रविष्टि की जाँच कर सकता है:
file-proof-long = प्रमाण कोड के लिए बहुत लंबा है; नीचे दिया गया पृष्ठ उसे देता है।
file-check-page = पृष्ठ से: छोटा कोड फ़ोन से पढ़ें, या कार्यालय के पृष्ठ “पावती की जाँच करें” पर लॉग, प्रविष्टि और हैश लिखें। साइन इन करना आवश्यक नहीं है।
file-check-proof = कार्यालय के बिना: बड़े कोड का पाठ फ़ाइल में सहेजें, और C2SP प्रमाणों के किसी भी प्रोग्राम से उस कुंजी के आधार पर जाँचें जिसे कार्यालय ने कागज़ पर प्रकाशित किया है।
file-check-bundle = पूरा, प्रत्येक मान सहित: कार्यालय से इस प्रकरण का साक्ष्य संग्रह (bundle) माँगें, और sevottam verify से किसी भी मशीन पर, बिना नेटवर्क, जाँचें।
file-none = पत्रावली मुद्रित नहीं हो सकती
file-too-long = प्रकरण मुद्रण के लिए बहुत लंबा है, या रोकने का आधार बहुत लंबा है। साक्ष्य संग्रह माँगें, या किसी पूर्व समय की पत्रावली माँगें।
file-no-fonts = कार्यालय की मशीन पर फ़ॉन्ट नहीं हैं। संचालकों को बताएँ: Noto Sans और Noto Sans Devanagari स्थापित करने हैं (Debian: fonts-noto-core)।
file-failed = प्रोग्राम यह नहीं कर सका। कुछ भी नहीं बदला गया। संचालकों को बताएँ।

## Start

start = नया प्रकरण
start-over = नया प्रकरण
start-none = ऐसी कोई कार्यविधि नहीं है जिसे आप आरंभ कर सकें।
start-unit = प्राप्तकर्ता कार्यालय
start-button = प्रकरण आरंभ करें
number-hint = कार्यालय की अपनी संख्या, यदि पहले से हो।
about-process = इस कार्यविधि के बारे में

## Definitions

definitions = कार्यविधियाँ
definitions-lead = प्रत्येक कार्यविधि अपने प्रक्रिया स्वामी सहित। चालू प्रकरण उसी संस्करण पर चलता है जिससे वह आरंभ हुआ।
definitions-none = अभी कोई कार्यविधि लागू नहीं है।
versions = संस्करण
version-old = नया संस्करण उपलब्ध है:
not-verified = मूल से सत्यापित नहीं
not-verified-what = इस कार्यविधि का मूल स्रोत से मिलान अभी नहीं हुआ है। असत्यापित अंकित समय-सीमाएँ प्रस्ताव मात्र हैं।
process-id = पहचान
hash = सामग्री हैश
document = प्रलेख
document-json = प्रलेख (JSON)
sources = स्रोत
steps = चरण
due-by = इस तिथि तक
not-who-holds = जिनके पास ये पद हैं वे नहीं
not-who-holds-since = या इस तिथि से जिनके पास थे
not-who-did = जिन्होंने ये चरण किए वे नहीं
time = समय
timer = कितने समय बाद
attached-to = किस चरण पर
adaptable = अन्य कार्यालय इसे बदल सकते हैं
adaptable-keep = जो हर हाल में बना रहता है
adaptable-roles = कार्य किसे दिया जा सकता है
next = इसके बाद
kind-start = आरंभ
kind-end = समाप्ति
kind-catch = प्रतीक्षा
kind-throw = संदेश
kind-boundary = सीमा घटना
kind-user = व्यक्ति का कार्य
kind-service = प्रणाली का कार्य
kind-expression = गणना
kind-exclusive = एक मार्ग
kind-parallel = सभी मार्ग
kind-sub-process = उप-प्रक्रिया
kind-call = अन्य कार्यविधि
duration-minutes = { $n ->
       [one] { $n } मिनट
      *[other] { $n } मिनट
    }
duration-hours = { $n ->
       [one] { $n } घंटा
      *[other] { $n } घंटे
    }
duration-days = { $n ->
       [one] { $n } दिन
      *[other] { $n } दिन
    }
duration-weeks = { $n ->
       [one] { $n } सप्ताह
      *[other] { $n } सप्ताह
    }
duration-months = { $n ->
       [one] { $n } माह
      *[other] { $n } माह
    }
duration-years = { $n ->
       [one] { $n } वर्ष
      *[other] { $n } वर्ष
    }

## Clocks

clocks = समय-सीमाएँ
clock-met = पालन हुआ
clock-missed = पालन नहीं हुआ
clock-late = विलंबित
clock-rests = स्थगित
clock-runs = चालू
clock-limit = सीमा
clock-source = आधार
clock-since = कब से चालू
clock-stopped = समाप्त
clock-due = नियत तिथि
clock-due-rests = स्थगन तक अनिर्धारित
clock-due-none = इस प्रकरण पर कोई सीमा लागू नहीं
clock-provisional = अनंतिम
clock-why = यह तिथि कैसे निकाली गई
clock-between = बंद होने और पुनः खुलने के बीच
clock-until-now = अब तक
clock-near = समाप्ति के निकट
pressing-near = समय-सीमा { $date } को समाप्त
pressing-late = समय-सीमा { $date } से समाप्त
custody = फ़ाइल किसके पास रही
custody-lead = कार्यालय समय में: जब कार्यालय खुला था। आवेदक के पास का समय और मार्ग का समय कार्यालय का समय नहीं है।
custody-holder = कौन
custody-side = किसका समय
custody-time = कार्यालय समय
custody-together = कुल
custody-nobody = कोई नहीं: किसी प्रणाली, संदेश या तिथि की प्रतीक्षा
custody-waiting = प्रतीक्षा में: { $role }
custody-untimed = ज्ञात नहीं: इकाई का कोई कार्य कैलेंडर नहीं
side-office = कार्यालय
side-applicant = आवेदक
side-authority = अन्य प्राधिकारी
side-court = न्यायालय
side-transit = मार्ग में
penalties = विलंब के लिए क्या देय हो सकता है
penalties-not-imposed = केवल गणना, अधिरोपित नहीं
payee-applicant = आवेदक को
payee-state = राज्य को
penalty-capped = अधिकतम देय
penalty-or = या
penalty-lump = एकमुश्त { $from } से { $to } तक
penalty-days = { $n ->
       [one] { $n } दिन का विलंब
      *[other] { $n } दिन का विलंब
    }
norms-lead = कार्यालय आज क्या वचन देता है और वह किससे बँधा है। जिस सीमा का स्रोत से मिलान नहीं हुआ, वह ऐसा बताती है।
norms-kept = वे मानक जिनसे प्रकरण बँधे हैं
norms-others = अन्य मानक
norms-others-what = कार्यालय को ज्ञात, पर अभी किसी कार्यविधि से बँधे नहीं।
norms-none = कोई नहीं।
norms-service = सेवा
norms-document = प्रलेख
norms-in-force = लागू
explain-title = तिथि कैसे निकाली गई
explain-source = कहाँ पढ़ा जा सकता है
explain-calendar = कैलेंडर
explain-provisional = बीच का एक अवकाश अभी निश्चित नहीं है: आदेश से यह तिथि बदल सकती है।
explain-uncovered = इन सभी दिनों के लिए अवकाश सूची पूर्ण नहीं बताई गई है।
explain-caption = दिन-प्रतिदिन
explain-day = दिन
explain-counted = गणना
explain-why = कारण
promised-by = { $time } तक
promised-done = पूर्ण
promised-not-yet = अभी कोई समय-सीमा चालू नहीं; आवेदन पूर्ण होने पर आरंभ होगी।
promised-rests = आपके उत्तर या दस्तावेज़ की प्रतीक्षा में स्थगित।
within-immediately = तुरंत
within-office-minutes = { $n ->
       [one] { $n } कार्यालय मिनट
      *[other] { $n } कार्यालय मिनट
    }
within-office-hours = { $n ->
       [one] { $n } कार्यालय घंटा
      *[other] { $n } कार्यालय घंटे
    }
within-working-days = { $n ->
       [one] { $n } कार्य दिवस
      *[other] { $n } कार्य दिवस
    }
within-earliest = इनमें जो पहले समाप्त हो: { $several }
within-latest = इनमें जो बाद में समाप्त हो: { $several }
party-applicant = आवेदक की प्रतीक्षा
party-authority = अन्य प्राधिकारी की प्रतीक्षा
party-court = न्यायालय के समक्ष
party-office = कार्यालय द्वारा रोका गया
escalation-help = इस प्रकरण की समय-सीमा समाप्त हो चुकी है। सुनिश्चित करें कि यह आगे बढ़े, और की गई कार्रवाई लिखें। प्रकरण स्वयं पूर्ववत् चलता रहेगा।
escalation-note = की गई कार्रवाई
told-reassigned = { $role } को सौंपा गया: { $step }
told-clock-started = समय-सीमा आरंभ हुई
told-clock-rested = समय-सीमा स्थगित
told-clock-resumed = समय-सीमा पुनः चालू
told-clock-extended = समय-सीमा बढ़ाई गई
told-clock-replied = अंतरिम उत्तर दिया गया; समय-सीमा चालू है।
told-clock-stopped = समय-सीमा रुकी।
told-clock-moved = कैलेंडर या मानक बदला गया
told-clock-moved-from = नियत { $after }, पहले { $before }
told-clock-same = नियत तिथि वही है; कोई चेतावनी, वृद्धि-चरण या अनंतिम अवकाश बदला।
told-clock-limited = प्रकरण से अब ज्ञात है कि कौन-सी समय-सीमा लागू है; वह अपने आरंभ से गिनी जाती है
told-clock-warned = समय-सीमा समाप्ति के निकट है
told-clock-breached = समय-सीमा समाप्त हुई
told-clock-escalated = उच्च स्तर को भेजा गया
told-case-requested = अन्य प्रकरण की माँग की गई: { $process }

## Check

check = कार्यविधि की जाँच
check-lead = कार्यविधि का प्रलेख चिपकाएँ। प्रत्येक त्रुटि उसके स्थान सहित दिखाई जाएगी; लागू किए जाने तक कुछ भी संग्रहित नहीं होता।
check-hint = एक प्रक्रिया का संपूर्ण JSON प्रलेख।
check-button = जाँचें
check-good = कार्यविधि लागू की जा सकती है
check-problems = { $n ->
       [one] { $n } त्रुटि के कारण लागू नहीं हो सकती
      *[other] { $n } त्रुटियों के कारण लागू नहीं हो सकती
    }
check-problems-todo = प्रलेख सुधारें और पुनः जाँचें।
deploy = लागू करें
deploy-who = प्रक्रिया स्वामी की इकाई का गुणवत्ता समन्वयक इसे लागू कर सकता है।
problem-what = त्रुटि
problem-where = स्थान
problem-code = कूट
error = त्रुटि
warning = चेतावनी

## Office

office = कार्यालय
office-on = { $date } को
as-of = किस समय की स्थिति
as-of-told = { $time } की स्थिति
as-of-erased = जो उसके बाद मिटाया गया, वह नहीं दिखाया जाता।
as-of-now = वर्तमान स्थिति दिखाएँ
on-day = दिनांक
units = इकाइयाँ एवं पद
posts-count = { $n ->
       [one] { $n } पद
      *[other] { $n } पद
    }
post = पद
roles = भूमिकाएँ
holder = पदधारी
order = कार्यालय आदेश
vacant = रिक्त
from-on = { $from } से
from-to = { $from } से { $to } तक
people = कार्मिक
who-plays = यह भूमिका कौन निभाता है: { $role }
nobody = कोई नहीं।
actor-title = आज आप कौन हैं?
actor-lead = यह प्रदर्शन हेतु कार्यालय है। चुनें कि आप किसके रूप में कार्य करेंगे; आपकी प्रत्येक कार्रवाई उसी नाम से अभिलिखित होगी।
actor-untrusted = इस पते से किसी व्यक्ति का नाम नहीं दिया जा सकता।
officials = अधिकारी एवं कर्मचारी
public = नागरिक

## Errors

error-400 = इसे स्वीकार नहीं किया जा सका
error-400-todo = वापस जाएँ, सुधार करें और पुनः भेजें।
error-401 = आप साइन इन नहीं हैं
error-401-todo = इस कार्यालय तक पहुँच के लिए अपने प्रशासक से संपर्क करें।
error-403 = आपको इसे देखने या करने की अनुमति नहीं है
error-403-todo = इसके लिए अन्य पद या भूमिका आवश्यक है। यदि वह आपके पास होनी चाहिए, तो आदेश हेतु प्रशासनिक कार्यालय से संपर्क करें।
error-404 = ऐसा कोई पृष्ठ नहीं है
error-404-todo = पता जाँचें, अथवा अपने कार्यों से आरंभ करें।
error-409 = इस बीच स्थिति बदल गई है
error-409-todo = कुछ भी दर्ज नहीं हुआ। वर्तमान स्थिति देखने के लिए पृष्ठ पुनः खोलें।
error-500 = हमारी ओर से कोई त्रुटि हुई
error-500-todo = कुछ भी दर्ज नहीं हुआ। कुछ देर बाद पुनः प्रयास करें; दोबारा होने पर नीचे दिया गया समय अपने प्रशासक को बताएँ।
error-503 = कृपया कुछ देर बाद पुनः प्रयास करें
error-503-todo = प्रणाली व्यस्त है या पुनः आरंभ हो रही है। कुछ भी दर्ज नहीं हुआ; वही प्रपत्र पुनः भेजा जा सकता है।
refused-unsigned = कार्यालय का हस्ताक्षरकर्ता अनुपस्थित है, और पहले अभिलिखित प्रविष्टियाँ बहुत देर से हस्ताक्षर की प्रतीक्षा में हैं। उसके लौटने तक मामले दर्ज किए जा सकते हैं, और कुछ अभिलिखित नहीं होगा।
refused-invalid = इसे इस रूप में स्वीकार नहीं किया जा सकता
refused-forbidden = आप यह नहीं कर सकते
refused-not-found = यह उपलब्ध नहीं है
refused-conflict = वर्तमान स्थिति में यह नहीं किया जा सकता
refused-too-large = यह सीमा से बड़ा है
refusal-code = कूट:

## The plan and calendars

plan = योजना
plan-lead = आगामी वर्ष में अनुसूचियाँ स्वयं क्या आरंभ करेंगी: लेखापरीक्षा, समीक्षा, दैनिक जाँच, रिपोर्टें। तिथियाँ इकाई के पंचांग के अवकाशों के अनुसार आगे-पीछे होती हैं।
plan-year = आगामी बारह माह
plan-feed = कैलेंडर फ़ीड
plan-feed-hint = – यह योजना तथा आपकी अपनी समय-सीमाएँ; किसी भी कैलेंडर प्रोग्राम में जोड़ी जा सकती हैं।
plan-none = कोई अनुसूची लागू नहीं है।
plan-what = क्या
plan-when = कब
plan-starts = क्या आरंभ होगा या बनेगा
plan-owner = उत्तरदायी
plan-times = { $n } बार
plan-from-to = { $from } से { $to } तक
plan-moved = { $date } से स्थानांतरित
plan-not-deployed = लागू नहीं: कुछ आरंभ नहीं होगा
plan-next = अगला { $time } को
plan-ended = समाप्त
schedules = सभी अनुसूचियाँ
anchors = गणना का आधार
anchors-awaited = तिथि की प्रतीक्षा
anchors-lead = ये अनुसूचियाँ कार्यालय द्वारा दी गई तिथि से गिनी जाती हैं। पुनः देने पर बाद की प्रविष्टि मान्य होती है।
anchor-date = तिथि
anchor-no-date = तिथि लिखें, जैसे 01-04-2026।
anchor-give = यह तिथि दें
anchor-again = अन्य तिथि दें
anchor-awaited = तिथि प्रतीक्षित
anchor-counts = इससे गिनी जाती है:
calendars = पंचांग
calendar-year = वर्ष { $year } का पंचांग
calendar-years = अन्य वर्ष
calendar-week = कार्य-सप्ताह
calendar-layers = आधार
calendar-zone = समय क्षेत्र
calendar-day = दिन
calendar-reason = कारण
calendar-effect = प्रभाव
calendar-none = सप्ताह के अतिरिक्त कुछ नहीं।
calendar-order = आदेश { $order } द्वारा
calendar-working-days = { $n ->
       [one] { $n } कार्य दिवस
      *[other] { $n } कार्य दिवस
    }
calendar-not-verified = इस पंचांग का मिलान अभी किसी ने इसके मूल स्रोत से नहीं किया है।
calendar-not-covered = सूची अपूर्ण हो सकती है
calendar-not-covered-what = इस पूरे वर्ष के लिए अवकाश-सूची पूर्ण घोषित नहीं है।
calendar-uncertain = कुछ दिन अनंतिम हैं
calendar-uncertain-what = आदेश से ये बदल सकते हैं। इन पर आधारित प्रत्येक तिथि चिह्नित रहती है।
effect-closed = बंद
effect-provisional = बंद, अनंतिम
effect-restricted = प्रतिबंधित: कार्यालय खुला
effect-hours = खुला, अपने समय के साथ
effect-cancelled = निरस्त: सामान्य दिन के अनुसार

## Months

month-1 = जनवरी
month-2 = फ़रवरी
month-3 = मार्च
month-4 = अप्रैल
month-5 = मई
month-6 = जून
month-7 = जुलाई
month-8 = अगस्त
month-9 = सितंबर
month-10 = अक्तूबर
month-11 = नवंबर
month-12 = दिसंबर
weekday-1 = सोमवार
weekday-2 = मंगलवार
weekday-3 = बुधवार
weekday-4 = गुरुवार
weekday-5 = शुक्रवार
weekday-6 = शनिवार
weekday-7 = रविवार

## Refusals by code

refusal-task-separation = कर्तव्य-पृथक्करण: जिस व्यक्ति ने इस प्रकरण का पूर्ववर्ती चरण पूर्ण किया है, वह यह कार्य नहीं कर सकता।
refusal-task-independence = स्वतंत्रता: जिस व्यक्ति के पास इस प्रकरण में नामित पद है, या लेखापरीक्षित अवधि में था, वह यह कार्य नहीं कर सकता। उसी भूमिका वाला कोई अन्य व्यक्ति यह कार्य करे।
refusal-task-not-allowed = यह कार्य किसी अन्य भूमिका के लिए है। इस समय आपके पास इसके लिए आवश्यक पद नहीं है।
refusal-task-claimed = यह कार्य किसी अन्य व्यक्ति ने ग्रहण कर लिया है।
refusal-task-not-claimed = पहले कार्य ग्रहण करें।
refusal-task-already-yours = आप यह कार्य पहले ही ग्रहण कर चुके हैं।
refusal-task-not-open = यह कार्य अब लंबित नहीं है: यह पूर्ण हो चुका है या समाप्त हो गया है।
refusal-instance-over = प्रकरण समाप्त हो चुका है।
refusal-instance-suspended = प्रकरण निलंबित है। पुनः आरंभ होने पर ही इस पर कार्य किया जा सकता है।
refusal-instance-not-suspended = प्रकरण निलंबित नहीं है।
refusal-instance-unknown = ऐसा कोई प्रकरण नहीं है।
refusal-instance-reason = कृपया कारण लिखें।
refusal-instance-number = संख्या में 1 से 64 वर्ण हो सकते हैं।
refusal-instance-starts-by-message = यह प्रक्रिया संदेश आने पर आरंभ होती है, हाथ से नहीं।
refusal-erasure-nothing = इस प्रकरण में मिटाने योग्य कोई व्यक्तिगत विवरण शेष नहीं है।
refusal-erasure-proposed = मिटाने का एक प्रस्ताव पहले से है। पहले उस पर निर्णय होगा।
refusal-erasure-not-proposed = यह प्रस्ताव नहीं है, या इस पर निर्णय हो चुका है।
refusal-erasure-not-apart = निर्णय किसी अन्य व्यक्ति को लेना होगा: जिसने न प्रस्ताव किया हो, न प्रकरण आरंभ किया हो, न उस पर कार्य किया हो।
refusal-erasure-not-over = प्रकरण अभी चल रहा है, इसका विवरण आवश्यक है।
refusal-erasure-held = अभिलेख रोक कर रखे गए हैं, छोड़े जाने से पहले नहीं मिट सकते।
refusal-erasure-retained = इन अभिलेखों की प्रतिधारण अवधि समाप्त नहीं हुई है।
refusal-records-held = अभिलेख पहले से रोक कर रखे गए हैं।
refusal-records-not-held = इस प्रकरण के अभिलेख रोके नहीं गए हैं।
refusal-incident-not-open = ऐसी कोई लंबित समस्या नहीं है।
refusal-actor-not-allowed = इसके लिए अन्य पद पर नियुक्ति आवश्यक है।
refusal-definition-already-deployed = यह सामग्री पहले से लागू है।
refusal-definition-owner = प्रक्रिया स्वामी का पद उपयुक्त नहीं है: पद मौजूद हो तथा उसी इकाई में हो जिसमें कार्यविधि लागू की जा रही है।
refusal-definition-invalid = कार्यविधि के प्रलेख में त्रुटियाँ हैं।
refusal-amendment-malformed = यह किसी कार्यालय की बनाई हुई फ़ाइल नहीं है, या पूरी नहीं पहुँची।
refusal-amendment-tampered = फ़ाइल वह नहीं है जिस पर उस कार्यालय ने हस्ताक्षर किए। उससे फ़ाइल फिर मँगवाएँ।
refusal-amendment-unknown-office = इस कुंजी से किसी कार्यालय को मान्यता नहीं दी गई है। कागज़ पर मिली कुंजी से, कार्यालय आदेश द्वारा, मान्यता दें।
refusal-amendment-older = बाद में दर्ज हुआ अंक पहले ही मिल चुका है।
refusal-amendment-other-content = उसी प्रविष्टि के रूप में दूसरी सामग्री पहले मिल चुकी है। दोनों फ़ाइलें रखें: दोनों पर उस कार्यालय के हस्ताक्षर हैं।
refusal-amendment-other-office = यह प्रलेख किसी दूसरे कार्यालय से आता है। एक प्रलेख एक ही कार्यालय से आता है।
refusal-amendment-too-many = इस प्रलेख के और संस्करण नहीं लिए जा सकते।
refusal-amendment-too-large = फ़ाइल बहुत बड़ी है। इसे भागों में मँगवाएँ।
refusal-amendment-no-file = दूसरे कार्यालय की भेजी हुई फ़ाइल चुनें।
refusal-amendment-out-of-bounds = प्रलेख दूसरे कार्यालय का है, और प्रारूप में वह भी बदला गया है जिसे बदलने की अनुमति नहीं है।
refusal-amendment-late = जहाँ से प्रलेख आया है, वहाँ यह पहले लागू होता है। वही दिन या उससे पहले का दिन लिखें।
refusal-amendment-acknowledged = इसी रूप में पावती पहले ही दी जा चुकी है।
refusal-amendment-withdrawn = जारी करने वाले कार्यालय ने यह अंक वापस ले लिया है: अब इसका कुछ भी अपनाया नहीं जाता।
refusal-withdrawal-unknown-edition = यह अंक यहाँ मिला ही नहीं था। यदि इसे बाद में लें, तो उसके बाद यह फ़ाइल फिर से लें।
refusal-acknowledgement-unknown-issue = जिसकी पावती दी गई है, वह इस कार्यालय ने जारी नहीं किया।
refusal-acknowledgement-elsewhere = यह किसी दूसरे कार्यालय के जारी किए हुए की पावती है।
refusal-adaptation-outside = इसे बदलने की अनुमति नहीं है। जैसा आया था वैसा ही रखें।
refusal-adaptation-kept = यह चरण जैसा आया था वैसा ही रहता है: कोई समय-सीमा, अभिलेख या नियंत्रण इस पर निर्भर है।
refusal-adaptation-bypassed = जो चरण बना रहना है, वह छूट सकता है या बीच में रुक सकता है।
refusal-adaptation-repeated = जिस चरण पर समय-सीमा निर्भर है, उस तक रास्ते दोबारा पहुँचते हैं।
refusal-adaptation-order = जो दो चरण बने रहने हैं, उनका क्रम बदल गया है।
refusal-adaptation-role = इस भूमिका को यहाँ कार्य नहीं दिया जा सकता।
refusal-adaptation-call = जैसा आया था, उसमें यहाँ का कोई चरण इस प्रक्रिया को आरंभ नहीं करता था।
refusal-adaptation-variable = किसी चरण के लिए आवश्यक मान नहीं है, या वह वहाँ लिखा जाता है जहाँ नहीं लिखा जा सकता।
refusal-adaptation-personal = जो व्यक्तिगत है वह व्यक्तिगत ही रहता है, और हटाया नहीं जाता।
refusal-draft-exists = एक प्रारूप पहले से है: एक समय में एक ही प्रारूप होता है।
refusal-draft-malformed = प्रारूप JSON में हो तथा उसमें प्रलेख की id और स्वामी का पद लिखा हो।
refusal-draft-outdated = प्रारूप सहेजने के बाद दूसरा संस्करण लागू हो गया है। दोनों का मिलान करके फिर सहेजें।
refusal-draft-own-approval = जिसने प्रारूप लिखा है, वह उसका अनुमोदन नहीं करता।
refusal-draft-stage = प्रारूप इस अवस्था में नहीं है।
refusal-draft-stale = प्रारूप इस बीच बदल गया है। उसे फिर पढ़ें।
refusal-draft-unknown = इसका कोई प्रारूप नहीं है।
refusal-document-withdrawn = इसे वापस ले लिया गया है।
refusal-document-in-use = जब तक कोई लागू प्रलेख इस पर निर्भर है, इसे वापस नहीं लिया जा सकता।
refusal-document-effective = अंक आज या आगे के किसी दिन से लागू होता है। ऐसा दिन लिखें।
refusal-document-review = अगली समीक्षा आगे के किसी दिन होती है: ऐसा दिन लिखें।
refusal-document-issue-waits = इसका एक अंक अपनी तिथि की प्रतीक्षा में है।
refusal-document-no-issue = अभी कोई अंक नहीं है जिसका संशोधन हो सके।
refusal-document-distribution = वितरण सूची उपयुक्त नहीं है।
refusal-document-controlled = जो जारी नहीं हुआ वह लागू नहीं होता। इसे प्रारूप के रूप में सहेजें।
refusal-document-external = यह दूसरे कार्यालय का है: प्रारूप के रूप में अपनाया जाता है, कोई अन्य अनुमोदन करता है, तब जारी होता है।
refusal-document-unknown = ऐसा कोई अंक नहीं है।
refusal-document-owner = स्वामी का पद इस कार्यालय में नहीं है।
refusal-edition-unknown = ऐसा कोई संस्करण नहीं है।
refusal-copy-acknowledged = आप इस अंक की पावती पहले ही दे चुके हैं।
refusal-text-invalid = कोई प्रविष्टि खाली है, या बहुत लंबी है।
refusal-log-not-yet-signed = इस पर अभी हस्ताक्षर नहीं हुए हैं। कुछ क्षण बाद फिर प्रयास करें।
refusal-page-duplicate-section = दो खंडों की id एक ही है।
refusal-page-unknown-norm = यह मानक यहाँ लागू नहीं है।
refusal-page-repeated-norm = इस खंड में यह मानक पहले से है।
refusal-limit-norms = पृष्ठ में मानकों की संख्या सीमा से अधिक है।
refusal-page-withdrawn-norm = यह मानक वापस ले लिया गया है।
refusal-page-untranslated = हिन्दी पाठ नहीं है।
refusal-schema-required = कोई आवश्यक बात नहीं लिखी गई है।
refusal-schema-unknown-property = ऐसा कोई गुण नहीं है।
refusal-schema-type = यह अपेक्षित प्रकार का नहीं है।
refusal-schema-enum = दिए गए मानों में से एक चुनें।
refusal-schema-pattern = यह अपेक्षित ढंग से नहीं लिखा गया है।
refusal-schema-length = यह बहुत छोटा या बहुत लंबा है।
refusal-schema-range = संख्या बहुत छोटी या बहुत बड़ी है।
refusal-schema-invalid = यह मान मान्य नहीं है।
refusal-body-broken = फ़ाइल पूरी नहीं पहुँची। फिर भेजें।
refusal-form-invalid = कुछ प्रविष्टियों पर ध्यान दें।
refusal-values-too-large = दर्ज की गई सामग्री सीमा से बड़ी है।
refusal-trial-moves = कदम पढ़े नहीं जा सकते, या बहुत अधिक हैं। फिर से आरंभ करें।
refusal-trial-time = आगे का दिन और समय लिखें, अधिक से अधिक दस वर्ष आगे।
refusal-trial-nothing-due = कुछ भी नियत नहीं है।
refusal-trial-not-begun = कोई प्रकरण आरंभ नहीं हुआ है।
refusal-trial-stuck = परीक्षण अटक गया है। फिर से आरंभ करें।
refusal-trial-too-much = इससे इतना कुछ होता है जितना परीक्षण में नहीं हो सकता।
refusal-person-unknown = कार्यालय में ऐसा कोई व्यक्ति नहीं है।
refusal-task-unknown = ऐसा कोई कार्य खुला नहीं है।
refusal-job-not-available = ऐसा कोई काम अभी प्रतीक्षा में नहीं है।
refusal-body-unfit = आँकड़े मेल नहीं खाते।
refusal-form-required = यह प्रविष्टि अनिवार्य है।
refusal-form-unknown-field = यह इस प्रपत्र की प्रविष्टि नहीं है।
refusal-form-type = प्रविष्टि अपेक्षित प्रकार की नहीं है; पूर्ण संख्या हेतु केवल अंक लिखें।
refusal-form-enum = दिए गए विकल्पों में से एक चुनें।
refusal-form-const = इस चरण के लिए अन्य मान आवश्यक है।
refusal-form-minimum = संख्या बहुत छोटी है।
refusal-form-maximum = संख्या बहुत बड़ी है।
refusal-form-min-length = प्रविष्टि बहुत छोटी है।
refusal-form-max-length = प्रविष्टि बहुत लंबी है।
refusal-form-min-items = और प्रविष्टियाँ आवश्यक हैं।
refusal-form-max-items = प्रविष्टियाँ बहुत अधिक हैं।
refusal-form-pattern = प्रविष्टि अपेक्षित रूप में नहीं लिखी गई है।
refusal-form-post = कार्यालय में ऐसा कोई पद नहीं है; पद का कूट लिखें।
refusal-form-format = प्रविष्टि अपेक्षित रूप में नहीं लिखी गई है; तिथि या राशि जाँचें।

## Roles of the shipped procedures

role-administrative-officer = प्रशासनिक अधिकारी
role-apex-nodal-officer = शीर्ष नोडल अधिकारी
role-applicant = आवेदक
role-auditor = आंतरिक लेखापरीक्षक
role-deputy-commissioner = उप आयुक्त
role-director-general = महानिदेशक
role-document-controller = प्रलेख नियंत्रक
role-grievance-investigator = शिकायत जाँच अधिकारी
role-grievance-redress-officer = शिकायत निवारण अधिकारी
role-head-of-unit = इकाई प्रमुख
role-head-of-zone = क्षेत्र प्रमुख
role-inspector = निरीक्षक
role-nodal-appellate-authority = नोडल अपीलीय प्राधिकारी
role-nodal-grievance-officer = नोडल अधिकारी (शिकायत)
role-nodal-officer = नोडल अधिकारी
role-office-administrator = कार्यालय प्रशासक
role-payments-officer = भुगतान अधिकारी
role-pgo-cell = लोक शिकायत कक्ष
role-process-owner = प्रक्रिया स्वामी
role-public-grievance-officer = लोक शिकायत अधिकारी
role-quality-coordinator = गुणवत्ता समन्वयक
role-receipt-clerk = प्राप्ति लिपिक
role-records-officer = अभिलेख अधिकारी
role-refund-audit-officer = प्रतिदाय लेखापरीक्षा अधिकारी
role-refund-process-owner = प्रक्रिया स्वामी, प्रतिदाय
role-superintendent = अधीक्षक
role-trainer = प्रशिक्षक

## Records of the shipped procedures

record-acknowledgement = अभिस्वीकृति
record-action-taken-report = की गई कार्रवाई प्रतिवेदन
record-admissibility-note = ग्राह्यता टिप्पणी
record-amendment-record = संशोधन अभिलेख
record-amendment-sheet = संशोधन पत्रक
record-appeal-order = अपील आदेश
record-assessment-note = आकलन टिप्पणी
record-attendance-record = उपस्थिति अभिलेख
record-audit-checklist = लेखापरीक्षा जाँच-सूची
record-audit-findings = लेखापरीक्षा निष्कर्ष
record-audit-notice = लेखापरीक्षा सूचना
record-audit-opening = आरंभिक बैठक का अभिलेख
record-audit-plan = लेखापरीक्षा योजना
record-audit-record = लेखापरीक्षा अभिलेख
record-audit-report = लेखापरीक्षा प्रतिवेदन
record-audit-sheet = लेखापरीक्षा पत्रक
record-audit-summary = लेखापरीक्षा सार
record-bis-application = बीआईएस आवेदन
record-certification-record = प्रमाणन अभिलेख
record-claim-register = दावा पंजिका
record-closure-letter = समापन पत्र
record-compliance-report = अनुपालन प्रतिवेदन
record-corrective-action-plan = सुधारात्मक कार्रवाई योजना
record-corrigendum = शुद्धिपत्र
record-deficiency-memo = कमी ज्ञापन
record-delay-note = विलंब टिप्पणी
record-direction = निदेश
record-dispatch-entry = प्रेषण प्रविष्टि
record-display-check = प्रदर्शन जाँच
record-feedback = प्रतिपुष्टि
record-grievance-decision = शिकायत निर्णय
record-guidance-record = मार्गदर्शन अभिलेख
record-guidance-request = मार्गदर्शन अनुरोध
record-hearing-record = सुनवाई अभिलेख
record-independence-declaration = स्वतंत्रता की घोषणा
record-infrastructure-record = अवसंरचना अभिलेख
record-inquiry-report = जाँच प्रतिवेदन
record-interim-reply = अंतरिम उत्तर
record-missed-run = छूटे क्रम का अभिलेख
record-mrm-action = प्रबंधन समीक्षा का कार्य-बिंदु
record-mrm-input = प्रबंधन समीक्षा की निविष्टि
record-mrm-minutes = प्रबंधन समीक्षा बैठक का कार्यवृत्त
record-mrm-notice = प्रबंधन समीक्षा बैठक की सूचना
record-mrm-report = प्रबंधन समीक्षा प्रतिवेदन
record-nonconformity-record = अननुरूपता अभिलेख
record-note-sheet = टिप्पण पत्रक
record-office-order = कार्यालय आदेश
record-order-in-original = मूल आदेश
record-payment-order = भुगतान आदेश
record-pre-audit-sheet = पूर्व-लेखापरीक्षा पत्रक
record-procedure = कार्यविधि
record-provisional-order = अनंतिम आदेश
record-records-check = अभिलेख जाँच
record-recovery-note = वसूली टिप्पणी
record-reply = उत्तर
record-resource-record = संसाधन अभिलेख
record-resubmission = पुनः प्रस्तुति
record-review-note = समीक्षा टिप्पणी
record-root-cause-entry = मूल कारण प्रविष्टि
record-scrutiny-note = संवीक्षा टिप्पणी
record-show-cause-notice = कारण बताओ नोटिस
record-supplier-check = आपूर्तिकर्ता जाँच
record-training-plan = प्रशिक्षण योजना
record-training-record = प्रशिक्षण अभिलेख
record-transfer-note = अंतरण टिप्पणी
record-verification-report = सत्यापन प्रतिवेदन
record-work-instruction = कार्य अनुदेश

## Events from which the shipped schedules count

event-certificate-issued = प्रमाणपत्र जारी
event-charter-issued = नागरिक चार्टर जारी
event-retention-schedule-issued = प्रतिधारण अनुसूची जारी
event-sqm-introduced = मैनुअल लागू
event-sqm-stable = प्रक्रियाएँ स्थिर पाई गईं

## रिपोर्टें

reports = रिपोर्टें
report = रिपोर्ट
reports-lead = इकाई का कार्य किस स्थिति में है और समय-मानकों का कितना पालन हुआ। अनुसूचियाँ इन्हें बनवाती हैं; प्रत्येक जैसी बनी वैसी ही जर्नल में रहती है।
reports-now = इस समय की
reports-none = अभी तक कोई नहीं बनी।
report-digest = लंबित कार्य का सार
report-performance = समय-मानकों का पालन
report-weeding = छँटाई सूची: प्रतिधारण अवधि पूरी कर चुके अभिलेख
weeding-lead = वे समाप्त प्रकरण जिनका व्यक्तिगत विवरण अब रखना आवश्यक नहीं, उन कार्यविधियों के जो प्रतिधारण अवधि बताती हैं; अन्य सूचीबद्ध नहीं होते। प्रकरण के पृष्ठ पर उसे मिटाने का प्रस्ताव किया जाता है या अभिलेख रोके जाते हैं; निर्णय अभिलेख अधिकारी लेते हैं।
weeding-none = जिन कार्यविधियों में प्रतिधारण अवधि दी गई है, उनमें से किसी के प्रकरण की अवधि पूरी नहीं हुई है।
weeding-ended = प्रकरण समाप्त
weeding-until = रखना आवश्यक था
weeding-held = रोका गया
weeding-proposed = मिटाना प्रस्तावित
weeding-open = कोई निर्णय नहीं
report-at = स्थिति
report-schedule = किस अनुसूची से
report-kept = जर्नल में दर्ज
report-kept-what = एक बार बनी, फिर कभी बदली नहीं। किस अनुसूची से:
report-not-kept = अभी परिकलित; दर्ज नहीं की गई।
report-partial = सब कुछ नहीं पढ़ा गया
report-partial-what = इकाई में इतने प्रकरण हैं जितने एक रिपोर्ट नहीं पढ़ती: इसकी संख्याएँ वास्तविक से कम हैं।
report-omitted = और { $n } अन्य
digest-load = किसके पास कितना कार्य है
digest-load-none = कोई कार्य खुला नहीं है।
digest-who = किसके पास
digest-post = किस रूप में
digest-unclaimed = किसी ने नहीं लिया
digest-open = खुले
digest-overdue = विलंबित
digest-soon = { $date } तक नियत
digest-due = विलंबित, या { $date } तक नियत
digest-due-none = तब तक न कोई कार्य विलंबित है, न नियत।
digest-clocks = चेतावनी पार, या समय समाप्त
digest-clocks-none = कोई घड़ी चेतावनी तक नहीं पहुँची।
digest-norm = मानक
performance-from-to = { $from } से { $to } तक जो हुआ।
performance-to = { $to } तक जो हुआ।
performance-none = इस अवधि में कोई घड़ी नहीं चली।
performance-started = आरंभ
performance-rate = पालन, प्रतिशत
performance-cancelled = निरस्त
performance-running = अभी चल रहे
performance-median = आधे अधिकतम इतने में
performance-ninetieth = दस में नौ अधिकतम इतने में
performance-how = आधे तथा दस में नौ: जो पूरे हुए, आरंभ से अंत तक, विराम घटाकर; रातें और अवकाश गिने गए हैं। निरस्त प्रकरण न मानक का पालन करता है, न उल्लंघन।

## पावती की जाँच

verify-title = पावती की जाँच
verify-link = पावती की जाँच करें
verify-lead = जिसके पास पावती है, वह यहाँ देख सकता है कि उसकी प्रविष्टि कार्यालय के हस्ताक्षरित लॉग में है या नहीं। साइन-इन करना आवश्यक नहीं है।
verify-ask = पावती
verify-do = जाँचें
verify-copy = इसे ठीक वैसे ही लिखें जैसे पावती पर है।
verify-malformed = यह इस कार्यालय की पावती नहीं है।
verify-malformed-what = लॉग, प्रविष्टि संख्या और हैश ठीक वैसे ही लिखें जैसे पावती पर हैं।
verify-proved = प्रविष्टि लॉग में है।
verify-other = यह प्रविष्टि लॉग में नहीं है।
verify-other-what = लॉग में इस स्थान पर दूसरी प्रविष्टि है। अपनी पावती से एक-एक अक्षर मिलाएँ। यदि सब समान है, तो पावती सँभाल कर रखें और उसे उच्च अधिकारी या लेखापरीक्षक को दिखाएँ: दोनों में से एक बदला गया है।
verify-pending = यह प्रविष्टि अभी हस्ताक्षरित नहीं है।
verify-pending-what = लॉग की { $size } प्रविष्टियाँ हस्ताक्षरित हैं; प्रायः कुछ सेकंड लगते हैं। एक मिनट बाद फिर प्रयास करें। यदि स्थिति न बदले, तो पावती सँभाल कर रखें और शिकायत करें: जिस प्रविष्टि की पावती दी गई थी, वह नहीं मिल रही है।
verify-unsigned = इस लॉग पर कोई हस्ताक्षर नहीं है।
verify-unsigned-what = यह कार्यालय अपने लॉग पर हस्ताक्षर नहीं करता, या इस नाम का लॉग नहीं है। आपकी पावती मान्य है; उसे सँभाल कर रखें।
verify-broken = लॉग की जाँच अभी नहीं हो सकती।
verify-broken-what = डेटाबेस में जो है वह हस्ताक्षरित लॉग से मेल नहीं खाता, या पढ़ा नहीं जा सकता। पावती सँभाल कर रखें और कार्यालय को बताएँ।
verify-size = हस्ताक्षरित प्रविष्टियाँ
verify-root = लॉग का मूल हैश
verify-key = लॉग की कुंजी
verify-proves = इससे क्या सिद्ध होता है
verify-proves-there = ठीक इसी हैश की प्रविष्टि लॉग में इसी स्थान पर अभिलिखित हुई थी, और कार्यालय ने उस पर हस्ताक्षर किए हैं।
verify-proves-whole = हस्ताक्षर उससे पहले की हर प्रविष्टि पर भी लागू है। उनमें से किसी को बदला, हटाया या बीच में जोड़ा जाए, तो यह प्रमाण विफल हो जाएगा।
verify-proves-keep = नीचे दिया गया प्रमाण बाद में इस कार्यालय के बिना भी, निःशुल्क उपलब्ध प्रोग्रामों से जाँचा जा सकता है, चाहे कार्यालय के अभिलेख खो जाएँ या बदल दिए जाएँ।
verify-proves-not = इससे क्या सिद्ध नहीं होता
verify-not-true = इससे यह सिद्ध नहीं होता कि जो लिखा गया वह सत्य है; केवल यह कि ऐसा ही लिखा गया था और बाद में बदला नहीं गया।
verify-not-alone = यह पृष्ठ कार्यालय की अपनी जाँच है। जिसे कार्यालय पर भरोसा न हो, वह प्रमाण सँभाल कर रखे और ऊपर की कुंजी को कार्यालय द्वारा काग़ज़ पर प्रकाशित कुंजी से मिलाए।
verify-here-good = आपके ब्राउज़र ने भी स्वयं जाँच की है: प्रविष्टि से हस्ताक्षरित मूल तक का मार्ग, और ऊपर दी गई कुंजी से किया गया हस्ताक्षर, दोनों सही हैं। यह पृष्ठ और इसका प्रोग्राम कार्यालय से आते हैं: कुंजी को काग़ज़ पर छपी कुंजी से मिलाएँ।
verify-here-part = आपके ब्राउज़र ने भी स्वयं जाँच की है: प्रविष्टि से हस्ताक्षरित मूल तक का मार्ग सही है। यह ब्राउज़र हस्ताक्षर नहीं जाँच सकता; नया ब्राउज़र जाँच सकता है।
verify-here-bad = आपके ब्राउज़र ने स्वयं जाँच की, और वहाँ प्रमाण विफल रहा। अपनी पावती सँभालकर रखें, और कार्यालय के उच्च अधिकारी या लेखापरीक्षक को दिखाएँ।
verify-here-unable = आपका ब्राउज़र स्वयं जाँचने के लिए प्रमाण नहीं ला सका। फिर प्रयास करें।
verify-proof = प्रमाण सहेजें
verify-checkpoint = लॉग की हस्ताक्षरित स्थिति
verify-taken = पूरे कार्यालय के लॉग ने { $time } को इस लॉग की पहली { $size } प्रविष्टियाँ अपने में ले लीं: उसके बाद की हस्ताक्षरित स्थिति जिसके पास है, जैसे कोई साक्षी या छपी पंजी, उसके पास यह प्रविष्टि भी सुरक्षित है।
verify-restored = यह लॉग हानि के बाद बैकअप से पुनःस्थापित किया गया था, और हानि घोषित की गई थी।
verify-restored-see = घोषणा देखें

## The certificate about electronic records
certificate-unverified = इस प्रपत्र के शब्द सत्यापित नहीं हैं: इस पर हस्ताक्षर न करें।
certificate-unverified-what = ये एक द्वितीयक स्रोत से लिए गए हैं। पहले कोई विधि-विशेषज्ञ इन्हें राजपत्र से मिलाए; तब साँचे को सत्यापित अंकित किया जाता है और यह सूचना हट जाती है।
certificate-source = शब्दों का स्रोत:
certificate-lead = प्रोग्राम जो जान सकता है, वह उसने भर दिया है। शेष हस्ताक्षर करने वाले व्यक्ति के लिए है। पहले अनुलग्नक पढ़ें: हस्ताक्षर करके आप कहते हैं कि मशीन ठीक से काम कर रही थी।
certificate-blank = हाथ से भरा जाना है
certificate-ticked = चिह्नित
certificate-unticked = चिह्नित नहीं
certificate-hash-file = प्रस्तुत फ़ाइल का, { $bytes } बाइट की ZIP फ़ाइल:
certificate-hash-log = लॉग { $log } का, { $size } प्रविष्टियों पर उसके हैश वृक्ष (RFC 6962) का मूल:
certificate-expert = यह भाग विशेषज्ञ के लिए है। यहाँ इसमें कुछ भी नहीं भरा गया है, और इसके शब्द नहीं दिए गए हैं।
certificate-expert-from = शब्द यहाँ से लें:
certificate-expert-own = विशेषज्ञ अपनी मशीन पर फ़ाइल का हैश मान स्वयं निकाले और अपना परिणाम लिखे।
certificate-report = अनुलग्नक 1: हैश रिपोर्ट
certificate-report-lead = प्रोग्राम ने केवल फ़ाइल और सार्वजनिक कुंजी से बनाया है। जिसके पास दोनों हैं, वह इसे फिर बना सकता है: sevottam verify BUNDLE.zip --policy POLICY
certificate-file = फ़ाइल का SHA-256
certificate-bytes = { $bytes } बाइट
certificate-chosen = क्या चुना गया
certificate-unit = { $host } की इकाई { $unit }
certificate-processes = इन कार्यविधियों के प्रकरण: { $processes }
certificate-cases = संख्या से चुने गए प्रकरण: { $cases }
certificate-from = { $time } से
certificate-to = { $time } से पहले
certificate-verdict = सत्यापन का परिणाम
certificate-verdict-what = दिखाई गई प्रत्येक प्रविष्टि वही है जिस पर कार्यालय की कुंजी ने हस्ताक्षर किए, चुने गए में से कुछ भी लुप्त नहीं है, और हर निर्णय लागू परिभाषाओं, मानकों और कैलेंडरों के अनुसार हुआ।
certificate-replayed = पूर्ण प्रकरण: { $cases }, जिनमें से { $open } ऐसी प्रविष्टियों में आगे बढ़े हो सकते हैं जो नहीं दिखाई गईं। फिर से ठीक वैसे ही निर्णीत प्रविष्टियाँ: { $entries }; मान रोके या मिटाए जाने के कारण जिनका निर्णय दोहराया नहीं जा सका: { $untold }।
certificate-values = प्रकट मान: { $disclosed }, रोके गए: { $withheld }, मिटाए गए: { $erased }।
certificate-key = जिस सार्वजनिक कुंजी पर भरोसा किया गया। इसे काग़ज़ से मिलाएँ
certificate-program = प्रोग्राम
certificate-logs = लॉग, जिनसे प्रति ली गई
certificate-size = हस्ताक्षरित प्रविष्टियाँ
certificate-last = दिखाई गई अंतिम प्रविष्टि
certificate-seen = बाहरी चेकपॉइंट से मिलान
certificate-seen-size = हाँ, { $size } प्रविष्टियों का
certificate-seen-none = नहीं: और प्रविष्टियाँ थीं या नहीं, कहा नहीं जा सकता
certificate-files = ZIP फ़ाइल की फ़ाइलें
certificate-files-lead = MANIFEST.sha256 में शेष फ़ाइलें सूचीबद्ध हैं; sha256sum -c उनकी जाँच करता है।
certificate-name = नाम
certificate-working = अनुलग्नक 2: क्या मशीन ठीक से काम कर रही थी?
certificate-working-lead = इस फ़ाइल की प्रविष्टियाँ इसके बारे में क्या कहती हैं: क्या चला, और इसके विरुद्ध क्या है। हर पंक्ति में लॉग और प्रविष्टि संख्या है, ताकि उसे देखा जा सके।
certificate-fault = क्या हुआ
certificate-none = इस फ़ाइल की प्रविष्टियों में ऐसा कुछ नहीं है।
certificate-starts = प्रोग्राम के आरंभ
certificate-start = संस्करण { $version } ने { $node } पर सेवा आरंभ की। इसकी फ़ाइल का SHA-256: { $program }
certificate-start-unseen = प्रोग्राम ने सेवा आरंभ की; किसने, यह फ़ाइल नहीं दिखाती।
certificate-unsigned = हस्ताक्षर में अंतराल
certificate-gap = हस्ताक्षरकर्ता अनुपस्थित था। { $from } से जो अभिलिखित हुआ, उस पर { $to } को ही हस्ताक्षर हुए:
certificate-gap-log = लॉग { $log }: पहले { $before } प्रविष्टियों तक हस्ताक्षर थे, तब { $after } तक हुए।
certificate-gap-unseen = हस्ताक्षरकर्ता अनुपस्थित था; कितने समय, यह फ़ाइल नहीं दिखाती।
certificate-keys = कुंजी के परिवर्तन, और लॉगों के नए आरंभ
certificate-rotated = { $time } को हस्ताक्षर की कुंजी योजना के अनुसार { $old } से { $new } में बदली गई। दोनों के हस्ताक्षर:
certificate-rotated-log = लॉग { $log } की { $size } प्रविष्टियों पर।
certificate-rotated-unseen = हस्ताक्षर की कुंजी योजना के अनुसार बदली गई; कैसे, यह फ़ाइल नहीं दिखाती।
certificate-epoch-new-key = { $time } को कुंजी छोड़ दी गई, क्योंकि वह खो गई थी या दूसरों के हाथ में हो सकती थी; तब से { $key } हस्ताक्षर करती है:
certificate-epoch-restore = { $time } को घोषित किया गया कि डेटाबेस पुरानी स्थिति में लौटाया गया; तब से { $key } हस्ताक्षर करती है:
certificate-epoch-log = लॉग { $log }, जिसकी { $size } प्रविष्टियों पर हस्ताक्षर थे, { $next } के रूप में आगे चलता है।
certificate-epoch-unseen = लॉग नए सिरे से आरंभ हुए; क्यों, यह फ़ाइल नहीं दिखाती।
certificate-steps = घड़ी के समय में बदलाव
certificate-step = घड़ी { $before } से { $after } कर दी गई। अभिलिखित समय पीछे नहीं गया।
certificate-step-start = प्रोग्राम के आरंभ पर घड़ी में { $after } था, जबकि { $before } पहले ही अभिलिखित हो चुका था। अभिलिखित समय पीछे नहीं गया।
certificate-step-unseen = घड़ी का समय बदला गया; कितना, यह फ़ाइल नहीं दिखाती। अभिलिखित समय पीछे नहीं गया।
certificate-restores = घोषित पुनःस्थापन
certificate-restores-none = इस फ़ाइल का कोई लॉग पुनःस्थापन के बाद नए सिरे से आरंभ नहीं हुआ: प्रत्येक के नाम के अंत में संख्या 1 है।
certificate-restored = { $log }: बैकअप से पुनःस्थापन घोषित किया गया; इसकी संख्या { $epoch } है, जबकि पहले की 1 होती है। तब प्रविष्टियाँ खोई हो सकती हैं। घोषणा लॉग के पते पर restore के अंतर्गत है।
certificate-incidents = घटनाएँ: प्रकरण जो अटक गए
certificate-incident = प्रकरण { $case }: { $code }।
certificate-incident-retried = प्रविष्टि { $index } में फिर प्रयास हुआ।
certificate-incident-open = फिर प्रयास हुआ, ऐसा इस फ़ाइल की प्रविष्टियों में नहीं है।
certificate-incident-unseen = प्रकरण { $case }: किसी घटना के बाद फिर प्रयास हुआ; कौन-सी, यह फ़ाइल नहीं दिखाती।
certificate-jobs = अन्य प्रोग्रामों के कार्य जो विफल हुए
certificate-job = प्रकरण { $case }: कार्य करने वाले प्रोग्राम ने सूचित किया कि वह नहीं कर सका।
certificate-missed = निर्धारित कार्य जो नहीं हुआ
certificate-missed-what = अनुसूची { $schedule } { $from } से { $to } तक { $count } बार देय हुई और पूरी नहीं की गई: प्रोग्राम बंद था, या नहीं कर सका।
certificate-refused = कार्यविधि { $process } का प्रकरण आरंभ होना था और नहीं हो सका: { $code }।
certificate-omitted = { $count } और हैं जो सूचीबद्ध नहीं हैं। छोटी अवधि माँगें।
certificate-unseen = क्या नहीं देखा जा सका
certificate-whole = पूर्णतः देखी गई प्रविष्टियाँ: { $count }
certificate-all-seen = इस लॉग की प्रत्येक प्रविष्टि दिखाई गई है।
certificate-leaves = प्रविष्टियाँ जिनका केवल प्रकार, समय और व्यक्ति की संख्या दिखती है, यह नहीं कि क्या हुआ: { $count }, प्रकार
certificate-hidden = प्रविष्टियाँ जो बिल्कुल नहीं दिखाई गईं: { $count }, संख्याएँ
certificate-gaps = और { $count } अन्य क्रम
certificate-unrecorded = जर्नल में क्या अभिलिखित नहीं होता
certificate-unrecorded-what = जर्नल में न प्रोग्राम का रुकना अभिलिखित होता है, न बिजली, डिस्क या नेटवर्क की विफलता। हस्ताक्षर से पहले संबंधित अवधि के बारे में मशीन चलाने वालों से पूछें।

move = चल रहे प्रकरण स्थानांतरित करें
move-lead = चल रहा प्रकरण उसी संस्करण से चलता है जिससे आरंभ हुआ। यहाँ उसे दूसरे संस्करण पर ले जाया जाता है: जो जहाँ प्रतीक्षा में है, वह वहाँ के समतुल्य चरण पर प्रतीक्षा करता रहता है।
move-to = किस संस्करण पर
move-mapping = कौन-सा चरण किसके समतुल्य है
move-mapping-all = नए संस्करण में प्रत्येक चरण उसी नाम एवं प्रकार का है।
move-mapping-help = नए संस्करण में इन चरणों के नाम एवं प्रकार का कोई चरण नहीं है। जहाँ कोई प्रकरण इनमें से किसी पर हो, वहाँ वह चरण चुनें जिस पर वह आगे चलेगा।
move-settled =
    { $n ->
        [one] { $n } चरण नाम से समतुल्य है
       *[other] { $n } चरण नाम से समतुल्य हैं
    }
move-more =
    { $n ->
        [one] बिना अनुरूप वाला { $n } और चरण यहाँ नहीं दिखाया गया है; उसके अनुरूप क्या है, यह प्रोग्राम इंटरफ़ेस से बताएँ।
       *[other] बिना अनुरूप वाले { $n } और चरण यहाँ नहीं दिखाए गए हैं; उनके अनुरूप क्या है, यह प्रोग्राम इंटरफ़ेस से बताएँ।
    }
move-settled-more =
    { $n ->
        [one] { $n } और यहाँ नहीं दिखाया गया है।
       *[other] { $n } और यहाँ नहीं दिखाए गए हैं।
    }
and-more = { $n ->
    [one] और { $n } अन्य
   *[other] और { $n } अन्य
}
move-nothing = कोई समतुल्य नहीं
move-unset = “{ $name }” का मान छोड़ दें: नए संस्करण में यह नहीं है
move-clock = समय-सीमा “{ $clock }”, जो नए संस्करण में नहीं है
move-clock-open = अभी तय नहीं
move-clock-keep = प्रकरण के अंत तक चलती रहेगी
move-clock-end = स्थानांतरण के साथ समाप्त होगी
move-begin = नए संस्करण की समय-सीमा “{ $clock }” स्थानांतरण के साथ आरंभ होगी
move-dry-run = पूर्वाभ्यास
move-next = आगे के प्रकरण
move-forecast = क्या बदलेगा
move-nothing-written = अभी कुछ भी दर्ज नहीं हुआ है।
move-no-cases = इस इकाई का कोई चल रहा प्रकरण इस संस्करण पर नहीं है।
move-places = प्रकरण कहाँ है
move-deadlines = नियत समय
move-same =
    { $n ->
        [one] { $n } नियत समय यथावत
       *[other] { $n } नियत समय यथावत
    }
move-outcome = स्थानांतरण
move-can = स्थानांतरित हो सकता है
move-needs-consent = आवेदक की सहमति आवश्यक
move-stays = यथावत रहेगा
move-moved = स्थानांतरित हुआ
move-by-itself = यह प्रकरण अलग से स्थानांतरित करें
move-done =
    { $n ->
        [one] { $n } प्रकरण स्थानांतरित हुआ
       *[other] { $n } प्रकरण स्थानांतरित हुए
    }
move-order-heading = स्थानांतरित करें
move-many-help = ऊपर के जो प्रकरण स्थानांतरित हो सकते हैं, वे स्थानांतरित होंगे, प्रत्येक की अपनी प्रविष्टि होगी। जिनमें सहमति आवश्यक है या जो नहीं हो सकते, वे यथावत रहेंगे।
move-order = कार्यालय आदेश, संख्या एवं दिनांक सहित
move-consent = आवेदक की सहमति
move-consent-help = केवल तब आवश्यक है जब कुछ आवेदक के अहित में बदलता हो। नाम न लिखें: वे अभिलेख में हैं।
move-consent-by = किसने दी (आवेदक, या किस अधिकार से)
move-consent-date = किस दिन
move-consent-record = किस अभिलेख में है
move-one = प्रकरण स्थानांतरित करें
move-these = ये प्रकरण स्थानांतरित करें
lost-deadline-later = समय-सीमा “{ $name }” का अंत था: { $before }। जो उसके स्थान पर है, उसका अंत: { $after }।
lost-clock-ends = समय-सीमा “{ $name }” ({ $before }) समाप्त होती है, और उसका कार्य हुआ नहीं है।
lost-clock-rests = समय-सीमा “{ $name }” रुकी है, और आगे कुछ भी उसे पुनः नहीं चलाएगा।
lost-norm-goes = समय-सीमा “{ $name }” आरंभ होनी थी, अब नहीं होगी।
lost-compensation = समय-सीमा “{ $name }” के अनुसार विलंब पर आवेदक को प्रतिकर मिलता।
lost-escalation = समय-सीमा “{ $name }” के अनुसार विलंब वरिष्ठ अधिकारी के पास जाता।
lost-deeming = समय-सीमा “{ $name }” के अनुसार विलंब होने पर प्रकरण स्वतः निर्णीत माना जाता।
lost-less-time = आवेदक के लिए कम समय: “{ $name }”, { $before } के स्थान पर { $after }।
lost-step-added = आवेदक से कुछ नया माँगा जा सकता है: “{ $name }”।
lost-step-goes = चरण “{ $name }” आवेदक के लिए था, और अब उनके पास नहीं आएगा।
told-moved = { $order } से संस्करण { $version } पर स्थानांतरित: { $reason }
told-consent = { $by } की { $date } की सहमति से: { $record }
told-mapped = आगे इस रूप में: { $step }
clock-ended = आदेश से समाप्त
told-clock-ended = समय-सीमा आदेश से समाप्त हुई।
refusal-move-consent = इससे कुछ आवेदक के अहित में बदलता है। उनकी सहमति बताएँ: किसने दी, किस दिन, और किस अभिलेख में है।
refusal-move-moved-meanwhile = प्रकरण इस बीच स्थानांतरित हो चुका है। उसे फिर देखें।
refusal-move-same-version = प्रकरण इसी संस्करण पर है।
refusal-move-consent-date = सहमति स्थानांतरण से पहले दी जाती है। ऐसा दिन लिखें जो आगे का न हो।
refusal-move-impossible = प्रकरण इस रूप में स्थानांतरित नहीं हो सकता।
refusal-move-unknown-step = बताए गए संस्करण में ऐसा कोई चरण नहीं है।
refusal-move-other-kind = इसके लिए जो चरण बताया गया है, वह दूसरे प्रकार का है।
refusal-move-other-host = इसके लिए जो बताया गया है, वह किसी दूसरे कार्य पर लगा है।
refusal-move-twice = उसी कार्य की कोई दूसरी घटना पहले से इसी के अनुरूप है।
refusal-move-no-counterpart = प्रकरण यहाँ रुका है, और नए संस्करण में इसके अनुरूप कुछ नहीं है।
refusal-move-other-scope = इसके अनुरूप जो है, वह किसी दूसरी उप-प्रक्रिया में है, या कहीं नहीं है।
refusal-move-other-topic = यहाँ एक काम चल रहा है, जिसका विषय नए चरण में दूसरा है।
refusal-move-other-call = यहाँ से एक प्रकरण आरंभ हुआ है, जिसकी प्रक्रिया नए चरण में दूसरी है।
refusal-move-no-flow = जिस रास्ते से प्रकरण इस मिलन-बिंदु तक आया, वह नए संस्करण में नहीं है।
refusal-move-apart = प्रकरण जिन चरणों पर एक साथ है, नए संस्करण में वे एक साथ नहीं हो सकते।
refusal-move-stuck = प्रकरण जहाँ है, वहाँ से यह मिलन-बिंदु सदा प्रतीक्षा में रह सकता है।
refusal-move-multiplies = प्रकरण जहाँ है, वहाँ से यह चरण उसके रास्ते बिना अंत के बढ़ा सकता है।
refusal-move-not-decided = सीमा के भीतर यह तय नहीं हो सका कि प्रकरण यहाँ से आगे बढ़ सकता है या नहीं।
refusal-move-value = यह मान नए संस्करण की अपेक्षा के अनुसार नहीं है।
refusal-move-undeclared = नए संस्करण में यह मान नहीं है। बताएँ कि इसे छोड़ दिया जाए।
refusal-move-no-value = प्रकरण के संस्करण में ऐसा कोई मान नहीं है।
refusal-move-declared = नए संस्करण में यह मान है: इसे छोड़ा नहीं जाता।
refusal-move-personal = यह मान एक संस्करण में व्यक्तिगत है और दूसरे में नहीं।
refusal-move-separation = यह चरण किसी ने किया है, और नए संस्करण में कर्तव्यों के पृथक्करण को इसका पता नहीं रहेगा।
refusal-move-clock = इस समय-सीमा के बारे में जो कहा गया है, वह नए संस्करण से मेल नहीं खाता।
refusal-move-clock-endless = यह समय-सीमा कभी समाप्त नहीं होगी: उसे रोकने वाले चरण पीछे रह गए हैं। बताएँ कि यह चलती रहे या समाप्त हो।
refusal-move-clock-undecided = यह समय-सीमा चल रही है और नए संस्करण में नहीं है। बताएँ कि यह चलती रहे या समाप्त हो।
refusal-move-too-long = एक साथ बहुत अधिक भरा गया है।
refusal-right-deadline-later = इसके स्थान पर आने वाली समय-सीमा बाद में समाप्त होती है।
refusal-right-clock-ends = समय-सीमा समाप्त हो जाती है, जबकि उसका कार्य हुआ नहीं है।
refusal-right-clock-rests = समय-सीमा रुक जाती है, और आगे कुछ उसे फिर नहीं चलाता।
refusal-right-norm-goes = समय-सीमा आरंभ होनी थी, अब नहीं होगी।
refusal-right-compensation-goes = विलंब पर मिलने वाला प्रतिकर नहीं रहेगा।
refusal-right-escalation-goes = विलंब अब वरिष्ठ अधिकारी तक नहीं जाएगा।
refusal-right-deeming-goes = विलंब होने पर प्रकरण अब स्वतः निर्णीत नहीं माना जाएगा।
refusal-right-less-time = आवेदक को कम समय मिलेगा।
refusal-right-step-added = आवेदक से कुछ नया माँगा जा सकता है।
